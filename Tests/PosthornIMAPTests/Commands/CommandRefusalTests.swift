import Posthorn
import PosthornNet
import Testing

@testable import PosthornIMAP

/// What no command may carry.
@Suite struct IMAPCommandRefusalTests {
    @Test(arguments: ["a\r\nA2 LOGOUT", "a\nb", "a\rb", "a\u{0}b"])
    func `a line break or NUL is refused in every argument`(
        _ text: String
    ) {
        let name = IMAPMailboxName(text)
        let flag = MessageFlag(text)
        let message = { (change: (inout IMAPAppendMessage) -> Void) in
            var message = IMAPAppendMessage(size: 1)
            change(&message)
            return message
        }
        let commands: [IMAPCommand] = [
            .login(user: text, password: Secret("x")), .login(user: "x", password: Secret(text)), .authenticate(text),
            .enable([text]), .id([.init(name: text, value: nil)]), .id([.init(name: "a", value: text)]),
            .select(name), .create(name), .create(.inbox, uses: [.init(text)]), .delete(name),
            .rename(.inbox, to: name),
            .subscribe(name), .list(patterns: [name]), .list(reference: name, patterns: [.inbox]),
            .lsub(reference: name, pattern: .inbox), .status(name, [.size]), .copy(.all, to: name),
            .move(.all, to: name),
            .store(.all, .add, [flag]), .storeLabels(.all, .add, ["\\" + text]),
            .fetch(.all, [.section(IMAPSection(.fields([text])))]), .append([IMAPAppendMessage(size: 1)], to: name),
            .append([message { $0.flags = [flag] }], to: .inbox),
            .append([message { $0.parts = [.url(text), .content(size: 1)] }], to: .inbox),
            .search(.subject(text)), .search(.header(text)), .search(.header("a", text)), .search(.flag(flag)),
            .search(.emailID(text)), .search(.gmail(text)), .search(.gmailLabel("\\" + text)), .quota(root: text),
            .setQuota(root: "", [(text, UInt64(1))]), .setRights(of: text, in: .inbox, .add, "l"),
            .setRights(of: "a", in: .inbox, .add, text), .deleteRights(of: text, in: .inbox),
            .listRights(of: text, in: .inbox), .metadata(of: .inbox, ["/" + text]),
            .setMetadata(of: .inbox, [.init(name: "/" + text, value: nil)]),
            .notify([.init(mailboxes: .mailboxes([name]), events: [.messageNew])]),
            .search(.all, in: [.subtree([name])]),
        ]
        for command in commands {
            for encoding in [IMAPEncoding(), .plus, .rev2] {
                let error = #expect(throws: MailError.self, "\(command.name)") {
                    try command.encoded(tag: "A", encoding)
                }
                #expect(error?.code == .misuse && error?.message.contains { $0.isNewline } == false)
            }
        }
        #expect(throws: MailError.self) { try IMAPCommand.noop.encoded(tag: text, IMAPEncoding()) }
    }

    @Test func `a secret stays out of the error that refuses it`() {
        let error = #expect(throws: MailError.self) {
            try IMAPCommand.login(user: "u", password: Secret("PosthornSecretCanary\n")).encoded(
                tag: "A",
                IMAPEncoding()
            )
        }
        #expect(error?.detailedDescription().contains("Canary") == false)
    }

    @Test func `what IMAP cannot say is refused`() {
        let commands: [IMAPCommand] = [
            .fetch(IMAPSequenceSet(), [.uid]), .fetch(IMAPSequenceSet([0, 1]), [.uid]), .fetch(.from(0), [.uid]),
            .fetch(.all, []), .fetch(.all, [.section(.message, range: 5..<5)]),
            .fetch(.all, [.section(IMAPSection(.mime))]),
            .fetch(.all, [.section(IMAPSection(part: [0]))]), .fetch(.all, [.binarySize(part: [-1])]),
            .fetch(.all, [.section(IMAPSection(.fields([])))]), .fetch(.all, [.uid], .init(partial: -1...1)),
            .fetch(.all, [.section(.message, range: 0..<UInt64.max)]), .store(.all, .add, [MessageFlag("a b")]),
            .store(.all, .add, [MessageFlag("\\")]), .search(.since(IMAPDate(year: 2025, month: 2, day: 29))),
            .append([], to: .inbox), .list(patterns: []), .status(.inbox, []),
            .replace(0, with: .init(size: 1), in: .inbox),
            .metadata(of: .inbox, ["/a//b"]), .metadata(of: .inbox, ["/a/*"]), .metadata(of: .inbox, ["a"]),
            .select(.inbox, .init(resync: .init(uidValidity: 0, modSequence: 1))),
            .setRights(of: "a", in: .inbox, .add, "L"),
        ]
        for command in commands {
            #expect(throws: MailError.self) { try command.encoded(tag: "A", IMAPEncoding()) }
        }
        var deep = IMAPSearchCriteria.seen
        for _ in 0..<200 { deep = .not(deep) }
        #expect(throws: MailError.self) { try IMAPCommand.search(deep).encoded(tag: "A", IMAPEncoding()) }
    }
}
