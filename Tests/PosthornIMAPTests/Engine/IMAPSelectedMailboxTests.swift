import Posthorn
import Testing

@testable import PosthornIMAP

/// The picture of a folder, whatever a server says of it.
@Suite struct IMAPSelectedMailboxTests {
    private func folder(_ uids: [UInt32] = [2, 3, 5, 7]) -> IMAPSelectedMailbox {
        var mailbox = IMAPSelectedMailbox(name: "INBOX", isReadOnly: false)
        mailbox.note(.exists(UInt32(uids.count)))
        mailbox.list(uids)
        return mailbox
    }

    @Test func `Numbers move when messages go`() {
        var mailbox = folder()
        #expect(mailbox.uid(of: 1) == 2 && mailbox.uid(of: 4) == 7 && !mailbox.hasArrivals)
        mailbox.note(.expunged(2))
        #expect(mailbox.uids == [2, 5, 7] && mailbox.count == 3 && mailbox.vanished == [3])
        mailbox.note(.expunged(2))
        #expect(mailbox.uids == [2, 7] && mailbox.uid(of: 2) == 7 && mailbox.vanished == [3, 5])
        mailbox.note(.exists(3))
        #expect(mailbox.hasArrivals && mailbox.uid(of: 3) == nil)
        mailbox.note(.expunged(3))
        #expect(!mailbox.hasArrivals && mailbox.uids == [2, 7])
    }

    @Test func `VANISHED names UIDs, also such as there never were`() {
        var mailbox = folder()
        mailbox.note(.vanished([3...3, 7...7], earlier: false))
        #expect(mailbox.uids == [2, 5] && mailbox.count == 2 && mailbox.vanished == [3, 7])
        mailbox.note(.vanished([1...UInt32.max], earlier: false))
        #expect(mailbox.uids.isEmpty && mailbox.count == 0 && mailbox.vanished == [2, 3, 5, 7])
        var other = folder()
        other.note(.vanished([2...2], earlier: true))
        #expect(other.uids == [3, 5, 7] && other.vanished == [2])
    }

    @Test func `Numbers that cannot be change nothing`() {
        for number: UInt32 in [0, 5, 6, .max] {
            var mailbox = folder()
            mailbox.note(.expunged(number))
            #expect(mailbox.uids == [2, 3, 5, 7] && mailbox.vanished.isEmpty)
            #expect(mailbox.uid(of: 0) == nil && mailbox.uid(of: .max) == nil)
        }
        var empty = folder([])
        for _ in 0..<3 { empty.note(.expunged(1)) }
        empty.note(.vanished([0...UInt32.max], earlier: false))
        #expect(empty.count == 0 && empty.uids.isEmpty && !empty.hasArrivals)
        empty.note(.exists(.max))
        #expect(empty.hasArrivals)
        empty.note(.vanished([1...UInt32.max], earlier: false))
        #expect(empty.count == 0)
    }

    @Test func `Codes of a status are taken over`() {
        var mailbox = folder()
        func status(_ code: IMAPResponseCode) -> IMAPStatus { IMAPStatus(kind: .ok, code: code, text: "") }
        mailbox.note(status(.uidValidity(.max)))
        mailbox.note(status(.uidNext(9)))
        mailbox.note(status(.permanentFlags([.seen])))
        mailbox.note(status(.word("ALERT")))
        #expect(mailbox.uidValidity == .max && mailbox.uidNext == 9 && mailbox.permanentFlags == [.seen])
    }
}
