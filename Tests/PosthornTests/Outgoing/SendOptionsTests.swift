import Posthorn
import TestSupport
import Testing

@Suite("Wishes and requirements", .computing)
struct SendOptionsTests {
    private enum Priority: SendOption {
        typealias Value = Int
        static let name = "priority"
    }

    @Test("A wish that nobody fulfils is listed, a requirement is an error before anything is sent")
    func ignored() throws {
        var options = SendOptions()
        options[Priority.self] = 3
        options[DeliveryNotification.self] = DeliveryNotification(on: [.failure])
        #expect(options[Priority.self] == 3)
        #expect(try options.ignored(fulfilled: [], by: "x") == ["delivery-notification", "priority"])
        #expect(try options.ignored(fulfilled: [Priority.self], by: "x") == ["delivery-notification"])

        options.require(Priority.self, 4)
        #expect(options[Priority.self] == 4)
        #expect(try options.ignored(fulfilled: [Priority.self, DeliveryNotification.self], by: "x").isEmpty)
        let error = #expect(throws: MailError.self) { try options.ignored(fulfilled: [], by: "the folder") }
        #expect(error?.code == .unsupported)
        #expect(error?.certainty == .notTaken)
        #expect(error?.description.contains("'priority', which the folder cannot do") == true)
    }

    @Test("A recipient stands in the envelope once")
    func envelope() throws {
        let address = try EmailAddress("a@example.org")
        #expect(
            Envelope(sender: nil, recipients: [address, try EmailAddress("a@EXAMPLE.ORG"), address]).recipients.count
                == 1
        )
    }
}
