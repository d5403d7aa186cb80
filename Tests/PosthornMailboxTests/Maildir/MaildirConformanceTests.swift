import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct MaildirConformanceTests {
    @Test func `A Maildir with messages in new keeps the contract`() async throws {
        let place = try await TemporaryMaildir()
        var suite = StoreConformance(place.maildir) { octets in
            try await place.maildir.withSession { _ = try await $0.append(.bytes(octets), flags: []) }
        }
        // Arrivals are looked for once a second, and the computer may be busy.
        suite.promptness = .seconds(30)
        try await suite.run()
    }

    @Test func `A Maildir with fetched messages, others and folders keeps the contract`() async throws {
        let place = try await TemporaryMaildir()
        for number in 0..<20 {
            try place.put("Subject: \(number)\r\n\r\n", as: "100000000\(number).1.old:2,S", in: "cur")
        }
        for folder in ["Archive/2026", "Entwürfe", "A&B"] { try await place.maildir.createFolder(folder) }
        let keys = Atomic(0)
        var suite = StoreConformance(place.maildir) { octets in
            let delivery = try await place.maildir.openDelivery(for: FetchAccount("test"))
            try await delivery.begin()
            try await delivery.write(octets)
            try await delivery.stage(as: .numbered(keys.add(1, ordering: .relaxed).newValue))
            try await delivery.commit()
        }
        // Arrivals are looked for once a second, and the computer may be busy.
        suite.promptness = .seconds(30)
        try await suite.run()
    }
}
