import Posthorn
import TestSupport
import Testing

@testable import PosthornCLI

@Suite("The parts of the tool", .undisturbed)
struct CLIPartsTests {
    @Test("SHA-256 gives the digests of FIPS 180-4")
    func digests() {
        #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hex("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
        #expect(
            SHA256.hex([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test("an outcome that is not known is never an exit code after which scripts try again")
    func unknownOutcome() {
        for code in [MailError.Code.connectionLost, .timedOut, .unavailable, .outcomeUnknown, .cancelled] {
            #expect(ExitCodes.code(for: MailError(code, "", certainty: .unknown)).number == 76)
        }
    }

    private static let codes: [(MailError.Code, Int32)] = [
        (.connectionFailed, 69), (.timedOut, 69), (.unavailable, 75), (.tlsFailed, 76), (.encryptionUnavailable, 76),
        (.protocolViolation, 76), (.authenticationFailed, 77), (.secretUnavailable, 77), (.refused, 77),
        (.cancelledByUser, 77), (.tooLarge, 65), (.invalidAddress, 65), (.contentUnavailable, 65), (.storage, 73),
        (.notFound, 78), (.cancelled, 130), (.misuse, 70),
    ]

    @Test("errors and their exit codes", arguments: CLIPartsTests.codes)
    func exitCodes(code: MailError.Code, expected: Int32) {
        #expect(ExitCodes.code(for: MailError(code, "")).number == expected)
        let busy = ServerReply(code: 451, text: "busy")
        if code == .refused || code == .authenticationFailed {
            #expect(ExitCodes.code(for: MailError(code, "", reply: busy)).number == 75)
        }
    }

    @Test("receipts and their exit codes: the worst recipient decides")
    func receipts() throws {
        func code(_ statuses: RecipientResult.Status...) throws -> Int32 {
            let address = try EmailAddress("a@one.example")
            let results = statuses.map { RecipientResult(address, $0) }
            return ExitCodes.code(
                for: SendReceipt(kind: .acceptedByServer, messageID: "<a@b>", recipients: results)
            ).number
        }
        #expect(try code(.accepted, .handedOver, .written) == 0)
        #expect(try code(.accepted, .rejectedForNow) == 75)
        #expect(try code(.accepted, .rejectedForNow, .rejectedForGood) == 77)
        #expect(try code(.rejectedForGood, .unknown) == 76)
    }

    private static let steps: [(String, String, Int32)] = [
        ("capabilities", "the SMTP server a:25 closed the connection before it had answered; try again later", 69),
        ("capabilities", "the connection to the SMTP server a:25 broke (reset); try again later", 69),
        ("sign-in", "a:25 answered '250 Ok' during the sign-in, which SMTP does not allow there; check", 76),
        ("sign-in", "a:25 refused the sign-in of 'b' by PLAIN: 535 5.7.8 No; check the password", 77),
        ("sign-in", "a:25 could not check the sign-in now: 454 4.7.0 Busy; try again later", 75),
        ("dry-run", "the server refuses the sender a@b: 450 4.7.1 Later", 75), ("tls", "another name", 76),
        ("dry-run", "the server refuses the sender a@b: 550 5.7.1 No", 77), ("connect", "nobody there", 69),
    ]

    @Test("failed steps and their exit codes", arguments: CLIPartsTests.steps)
    func stepCodes(name: String, finding: String, expected: Int32) {
        let step = DiagnosisStep(name: name, verdict: .failed, finding: finding, duration: .zero)
        #expect(ExitCodes.code(forFailed: step).number == expected)
    }

    @Test("the advice of a sentence stands alone")
    func advice() {
        let (problem, advice) = Advice.split("the disk is full; it was so before; delete something")
        #expect(problem == "the disk is full; it was so before")
        #expect(advice == "Delete something.")
        #expect(Advice.split("no advice").advice == nil)
    }

    private static let sizeTexts: [(UInt64, String)] = [
        (0, "0 octets"), (1, "1 octet"), (999, "999 octets"), (1_450, "1.5 kB"), (1_000_000, "1.0 MB"),
        (.max, "18.4 EB"),
    ]

    @Test("sizes for people", arguments: CLIPartsTests.sizeTexts)
    func sizes(octets: UInt64, text: String) {
        #expect(Size.text(octets) == text)
    }

    @Test("JSON has sorted keys, and escapes what it must")
    func json() {
        let value: JSONValue = [
            "b": ["a/b": .text("\"\n")], "a": .null, "c": .array([.number(1), .bool(true), .decimal(0.5)]),
        ]
        #expect(value.line == #"{"a":null,"b":{"a/b":"\"\n"},"c":[1,true,0.5]}"#)
    }
}
