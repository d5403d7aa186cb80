import FolderTransport
import Posthorn
import PosthornMIME
import PosthornSMTP

// The same program on two workstations: one sends through a server, the other leaves messages in a folder. Only the
// settings file differs.
do {
    let mail = try await PosthornClient(
        settings: .file(CommandLine.arguments.dropFirst().first ?? "smtp.yaml"),
        plugins: [.smtp, FolderPlugin()]
    )
    let message = try Message(
        to: ["orders@supplier.example"],
        subject: "Bestellung 4711 für Müller",
        text: "Zwei Sideboards, Nussbaum."
    )
    let receipt = try await mail.send(message, for: "order")
    print("\(receipt.kind.word) by \(receipt.transport)")
} catch {
    print(error)
}
