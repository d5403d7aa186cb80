import Posthorn
import PosthornMIME
import PosthornSMTP

// The way is the settings file's business; this program says what is sent.
let file = CommandLine.arguments.dropFirst().first ?? "posthorn.yaml"
do {
    let mail = try await PosthornClient(settings: .file(file), plugins: [.smtp])
    let receipt = try await mail.send(
        Message(
            to: ["Supplier <orders@supplier.example>"],
            subject: "Order 4711",
            text: "Please find our order attached.",
            attachments: [.file("order-4711.xml")]
        ),
        for: "order"
    )
    print("\(receipt.kind.word) by \(receipt.transport), queued as \(receipt.remoteQueueID ?? "?")")
    for failed in receipt.failedRecipients { print("not delivered: \(failed)") }
} catch {
    // Every error of Posthorn is one sentence that says what is wrong and what to do.
    print(error)
}
