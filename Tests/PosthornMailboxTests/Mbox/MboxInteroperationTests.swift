import Posthorn
import TestSupport
import Testing

@testable import PosthornMailbox

/// Python with the same mbox.
@Suite struct MboxInteroperationTests {
    @Test func `Python reads ours, and we read what Python writes`() async throws {
        let place = try await TemporaryMbox()
        for number in 0..<3 { try await place.append("Subject: ours \(number)\r\n\r\nbody\r\nFrom here\r\n\r\n") }
        // Python writes mboxo: `From ` at the beginning of a line gets a mark, which it does not take away again.
        let script = """
            import mailbox, sys
            box = mailbox.mbox(sys.argv[1], create=False)
            for key, message in box.iteritems():
                print(message["Subject"], repr(message.get_payload()), sep="|")
            box.lock()
            box.add("Subject: theirs\\n\\nFrom there\\n\\nFrom a@b Mon Mar  2 10:00:00 2026\\nend\\n")
            box.remove(1)
            box.flush()
            box.unlock()
            """
        let output = try await run("python3", ["-I", "-c", script, place.mbox.path]).check("python3").output
        #expect(output == (0..<3).map { "ours \($0)|'body\\n>From here\\n\\n'\n" }.joined())
        #expect(
            try await place.messages() == [
                "Subject: ours 0\r\n\r\nbody\r\nFrom here\r\n\r\n", "Subject: ours 2\r\n\r\nbody\r\nFrom here\r\n\r\n",
                "Subject: theirs\r\n\r\nFrom there\r\n\r\nFrom a@b Mon Mar  2 10:00:00 2026\r\nend\r\n",
            ]
        )
    }

    @Test func `A lock of another process is waited for`() async throws {
        let place = try await TemporaryMbox()
        let script = """
            import fcntl, sys, time
            file = open(sys.argv[1], "r+")
            fcntl.lockf(file, fcntl.LOCK_EX)
            print("locked", flush=True)
            time.sleep(600)
            """
        let process = try await ManagedProcess.start("python3", ["-I", "-c", script, place.mbox.path])
        try await process.waitForOutput(containing: "locked")
        var mbox = place.mbox
        mbox.lockLimit = .milliseconds(100)
        for isWriting in [false, true] {
            let error = await #expect(throws: MailError.self) {
                try await mbox.withSession { session in
                    if isWriting {
                        _ = try await session.append(.text("Subject: x\r\n\r\n"), flags: [])
                    } else {
                        _ = try await session.messages()
                    }
                }
            }
            #expect(error?.code == .unavailable)
        }
        async let appended = place.append("Subject: x\r\n\r\n")
        await process.stop(atOnce: true)
        #expect(try await appended != nil)
        #expect(try place.names() == ["box"])
    }
}
