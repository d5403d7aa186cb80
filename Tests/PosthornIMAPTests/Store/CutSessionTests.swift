import Posthorn
import PosthornTesting
import Synchronization
import TestSupport
import Testing

@testable import PosthornIMAP

/// The connection ends anywhere in a session that does a little of everything: the error is typed, and no message is lost.
@Suite(.undisturbed) struct CutSessionTests {
    private static let news = "Subject: 4\r\n\r\nappended\r\n"

    private static func configuration(_ fault: IMAPServerFault?) -> IMAPServerConfiguration {
        var configuration = IMAPServerConfiguration.info()
        configuration.mailboxes["info"]?.append(IMAPServerMailbox("Other"))
        configuration.mechanisms = ["PLAIN"]
        configuration.extensions = [.imap4rev1, .saslIR, .uidPlus, .unselect, .move, .literalPlus]
        if let fault { configuration.faults = [fault] }
        return configuration
    }

    /// Lists, reads, marks, moves the second message, appends one, and deletes the first.
    private func work(_ store: IMAPStore, _ read: (String) -> Void) async throws {
        try await store.withSession { session in
            _ = try await session.folders()
            let ids = try await session.messages().map(\.id)
            try await session.readEach(ids) { _, reader in
                var octets: [UInt8] = []
                while try await reader.read(into: &octets) {}
                read(String(decoding: octets, as: UTF8.self))
            }
            try await session.changeFlags(of: [ids[0]], adding: [.seen], removing: [])
            try await session.move([ids[1]], to: "Other")
            try await session.append(.text(Self.news), flags: [])
            try await session.delete([ids[0]])
        }
        await store.close()
    }

    @Test(arguments: [true, false], [ServerEnding.cut, .reset])
    func `Wherever the connection ends, the error says so and nothing is lost`(
        _ isServer: Bool,
        _ ending: ServerEnding
    ) async throws {
        let account = try await IMAPTestServer.withServer(Self.configuration(nil)) { try makeStore($0, limits(20_000)) }
        var octets = ending == .cut ? 0 : 5
        var failures = 0
        var isStruck = true
        while isStruck {
            let fault = isServer ? IMAPServerFault.afterSending(octets, ending) : .afterReceiving(octets, ending)
            try await IMAPTestServer.withServer(Self.configuration(fault)) { server in
                let read = Mutex<[String]>([])
                do {
                    try await work(try account.moved(to: server.port)) { text in read.withLock { $0.append(text) } }
                } catch let error as MailError {
                    failures += 1
                    // A reset may come before the program has seen that it is connected.
                    let codes: [MailError.Code] = [.connectionLost, .connectionFailed]
                    #expect(codes.contains(error.code) && error.isRetryable, "\(octets): \(error)")
                }
                let texts = read.withLock { $0 }
                #expect(texts == Array(threeTexts.prefix(texts.count)), "\(octets)")
                let other = server.mailbox("Other", of: "info")?.messages.map(\.text) ?? []
                #expect(other == [] || other == [threeTexts[1]], "\(octets)")
                let left = Set(server.inbox + other).subtracting([Self.news])
                // The first one goes when all have been read.
                let isFirstGone = !left.contains(threeTexts[0])
                #expect(left.union(isFirstGone ? [threeTexts[0]] : []) == Set(threeTexts), "\(octets)")
                #expect(!isFirstGone || texts.count == 3, "\(octets)")
                isStruck = !server.connections[0].faults.isEmpty
            }
            octets += 19
        }
        #expect(failures > 15)
    }
}
