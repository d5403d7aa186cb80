import Foundation
import Posthorn

/// Leaves each message as a file in a folder.
public struct FolderPlugin: OutgoingPlugin {
    public let identifier = "folder"
    public let summary = "Leaves messages as files in a folder."
    public init() {}
    public struct Settings: PluginSettings {
        let path: String
        static let path = SettingsKey("path", .path, help: "The folder.", example: "/srv/outbox")
        public static let schema = SettingsSchema(path)
        public init(_ values: SettingsValues) throws { path = try values[Self.path] }
    }
    public func makeTransport(_ settings: Settings, context: PluginContext) throws -> any OutgoingTransport {
        FolderTransport(folder: URL(fileURLWithPath: settings.path))
    }
}
struct FolderTransport: OutgoingTransport {
    let folder: URL
    func send(_ request: SendRequest) async throws -> SendReceipt {
        let ignored = try await request.check(by: "a folder")
        let file = folder.appendingPathComponent("\(UUID()).eml")
        let part = file.appendingPathExtension("part")
        defer { try? FileManager.default.removeItem(at: part) }
        do {
            try Data().write(to: part)
            let handle = try FileHandle(forWritingTo: part)
            try await request.content.forEachPiece { try handle.write(contentsOf: $0) }
            try handle.synchronize()
            try FileManager.default.moveItem(at: part, to: file)
        } catch let error where !(error is MailError) {
            throw MailError(.storage, "no file was written: \(error)", cause: error)
        }
        let all = request.envelope.recipients.map { RecipientResult($0, .written) }
        let kind = SendReceipt.Kind.written(toFile: file.path)
        return SendReceipt(kind: kind, messageID: request.messageID, recipients: all, ignoredOptions: ignored)
    }
}
