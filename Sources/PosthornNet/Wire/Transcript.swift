package import Logging
package import Posthorn

/// Writes down what the two sides say to one another, without any secret and without message bodies.
///
/// What the client sends is redacted by construction (``WireText``). What the server sends is escaped and cut; while
/// a sign-in is under way the payload of challenges is left out, and the secrets and whatever was sent as a secret
/// are masked in all other lines, plain or in base64, for as long as the connection lasts.
///
/// A transcript without listener and without a logger at level trace costs nothing: see ``isEnabled``.
package struct Transcript: Sendable {
    private let listener: (@Sendable (TranscriptEntry) -> Void)?
    private let logger: Logger?
    private var mask = SecretMask()
    /// Whether a sign-in is under way.
    package private(set) var isSigningIn = false

    /// A transcript for a listener, a logger (level trace), both or nobody.
    ///
    /// - Parameter listener: Hears each line as it comes, on the task that uses the connection.
    package init(logger: Logger? = nil, listener: (@Sendable (TranscriptEntry) -> Void)? = nil) {
        self.listener = listener
        self.logger = logger
    }

    /// Whether anybody hears the transcript. Ask before work is done for it.
    package var isEnabled: Bool {
        if listener != nil { return true }
        guard let logger else { return false }
        return logger.logLevel <= .trace
    }

    /// A sign-in begins: from here on `secrets` are masked in whatever the server says.
    package mutating func beginSignIn(masking secrets: [Secret]) {
        isSigningIn = true
        guard isEnabled else { return }
        for secret in secrets { mask.add(secret) }
    }

    /// The sign-in has ended. The secrets stay masked.
    package mutating func endSignIn() { isSigningIn = false }

    /// Writes down what the client sends.
    package mutating func sent(_ text: WireText) {
        guard isEnabled else { return }
        mask.add(text)
        for line in text.transcriptLines() { emit(.client, line) }
    }

    /// Writes down that a part of a message was sent.
    package func sentBody(octets: Int) {
        guard isEnabled else { return }
        emit(.client, "<\(octets) octets of message>")
    }

    /// Writes down a line that the server sent (with or without its line end).
    package func received(_ line: some Collection<UInt8>) {
        guard isEnabled else { return }
        var octets = Array(line.prefix(8_192))
        if octets.last == 0x0A { octets.removeLast() }
        if octets.last == 0x0D { octets.removeLast() }
        emit(.server, shown(octets))
    }

    /// Writes down what happened to the connection. `text` holds no text of the peer that is not escaped.
    package func event(_ text: String) {
        guard isEnabled else { return }
        emit(.event, text)
    }

    private func emit(_ side: TranscriptEntry.Side, _ text: String) {
        let entry = TranscriptEntry(side: side, text: text)
        listener?(entry)
        logger?.trace("\(entry)")
    }

    private func shown(_ octets: [UInt8]) -> String {
        if isSigningIn, let payload = Self.challengePayload(octets) {
            return PeerText.shown(octets[..<payload]) + (payload < octets.count ? WireText.mask : "")
        }
        return PeerText.shown(mask.masked(octets))
    }

    /// Where the payload of a challenge starts: `334 …` in SMTP, `+ …` in POP3 and IMAP.
    private static func challengePayload(_ line: [UInt8]) -> Int? {
        if line.starts(with: Array("334".utf8)) { return min(4, line.count) }
        if line.starts(with: Array("+ ".utf8)) { return 2 }
        return nil
    }
}

extension Transcript: CustomReflectable {
    /// A mirror without children: the masked secrets are in here.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
