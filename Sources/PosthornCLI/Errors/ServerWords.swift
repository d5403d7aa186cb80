/// Recognises a server's reply inside a sentence.
enum ServerWords {
    /// The code of the first reply that a sentence quotes, as in `the server refuses …: 450 4.7.1 Later`.
    static func replyCode(in sentence: String) -> Int? {
        guard let match = sentence.firstMatch(of: /(?:: |'|\()([2-5][0-9]{2})(?:[ '\)]|$)/) else { return nil }
        return Int(match.1)
    }
}
