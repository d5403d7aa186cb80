@testable import Posthorn
@testable import PosthornNet
@testable import PosthornSMTP

/// Whole conversations without a socket: introduction, sign-in, and messages over the pipeline, with a server that says
/// what the input says.
///
/// The properties: it ends and never traps; every transaction has one outcome, which fits what the server said to that
/// transaction; no secret is in a text for people; the cuts of what the server says change nothing.
package enum ConversationFuzz {
    package static func run(_ octets: [UInt8]) throws(FuzzFailure) {
        var input = FuzzInput(octets)
        let plan = ConversationPlan(&input)
        // A server that knows the password before it has heard it may say it whenever it likes.
        let secrets = SignInEcho.secrets(of: plan)
        guard secrets.values.allSatisfy({ octets.firstRange(of: $0) == nil }) else { return }
        var beginning = ConversationBeginning(plan, ServerVoice(input.rest, sizes: [1]))
        guard let capabilities = try beginning.run() else { return }
        let unread = beginning.voice.unread
        let words = plan.skipsSignIn ? unread[...] : unread.flatMap { secrets[$0] ?? [$0] }[...]
        func play(_ sizes: [Int]) throws(FuzzFailure) -> [String] {
            var messages = ConversationMessages(plan, capabilities, beginning.mask, ServerVoice(words, sizes: sizes))
            return try messages.run()
        }
        let pieces = try play(plan.pieces)
        // Whether somebody has talked too early is a question of time.
        guard !plan.refusesSurplus else { return }
        let whole = try play([])
        try FuzzFailure.unless(whole == pieces, "in pieces of \(plan.pieces): \(pieces), in one piece: \(whole)")
    }

    /// Plays an input whose server's octets come cut at places, from the greeting on; they must not depend on the client.
    ///
    /// - Returns: all that happened.
    package static func play(_ octets: [UInt8], pieces: [Int]) throws(FuzzFailure) -> [String] {
        var input = FuzzInput(octets)
        let plan = ConversationPlan(&input)
        var beginning = ConversationBeginning(plan, ServerVoice(input.rest, sizes: pieces))
        guard let capabilities = try beginning.run() else { return beginning.log }
        var messages = ConversationMessages(plan, capabilities, beginning.mask, beginning.voice)
        return beginning.log + (try messages.run())
    }

    /// Checks an error as people see it.
    static func check(_ error: MailError, _ plan: ConversationPlan) throws(FuzzFailure) {
        try FuzzText.check(error.detailedDescription())
        try check(error.detailedDescription() + error.debugDescription + (error.reply?.text ?? ""), plan)
    }

    static func check(_ text: String, _ plan: ConversationPlan) throws(FuzzFailure) {
        for secret in plan.secrets {
            let encoded = String(decoding: Base64.encode(Array(secret.utf8)), as: UTF8.self)
            try FuzzFailure.unless(
                !text.contains(secret) && !text.contains(encoded.prefix { $0 != "=" }),
                "a text shows a secret: \(text)"
            )
        }
    }
}
