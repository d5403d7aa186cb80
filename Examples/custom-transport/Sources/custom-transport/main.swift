import FolderTransport
import Foundation
import Posthorn

// Sends a ready message (.eml) by the settings file: custom-transport SETTINGS MESSAGE
let arguments = CommandLine.arguments
guard arguments.count == 3 else {
    print("usage: custom-transport SETTINGS.yaml MESSAGE.eml")
    exit(64)
}
do {
    let mail = try await PosthornClient(settings: .file(arguments[1]), plugins: [FolderPlugin()])
    let receipt = try await mail.send(RawMessage(file: arguments[2]))
    print("written: \(receipt.kind.path ?? "?")")
} catch {
    print(error)
    exit(1)
}
