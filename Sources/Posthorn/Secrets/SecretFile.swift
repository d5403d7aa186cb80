/// Secrets in files of their own.
enum SecretFile {
    static let limit = 64 * 1024

    static func read(_ path: String, shown: String) throws -> Secret {
        switch load(path, shown: shown) {
        case .success(let bytes): return Secret(bytes: bytes)
        case .failure(let problem): throw MailError(.secretUnavailable, problem.sentence)
        }
    }

    static func problem(_ path: String, shown: String) -> String? {
        guard case .failure(let problem) = load(path, shown: shown) else { return nil }
        return problem.sentence
    }

    private struct Problem: Error {
        var sentence: String
    }

    private static func load(_ path: String, shown: String) -> Result<ArraySlice<UInt8>, Problem> {
        let name = SettingsText.shown(shown)
        do throws(SmallFile.Failure) {
            let file = try SmallFile(path: path, limit: limit)
            guard file.isPrivate else {
                return .failure(
                    Problem(
                        sentence: "others can read the secret file \(name); run 'chmod 600 \(PeerText.shown(path))'"
                    )
                )
            }
            let secret = withoutLineEnd(file.bytes)
            guard !secret.isEmpty else {
                return .failure(Problem(sentence: "the secret file \(name) is empty; write the secret into it"))
            }
            return .success(secret)
        } catch {
            if error.isMissing {
                return .failure(
                    Problem(
                        sentence: "the secret file \(name) does not exist (looked for '\(PeerText.shown(path))'); "
                            + "create it with mode 0600"
                    )
                )
            }
            return .failure(Problem(sentence: "the secret file \(name) \(error.reason)"))
        }
    }

    /// Without one LF or CR LF at the end: editors and `echo` write it.
    static func withoutLineEnd(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var rest = bytes[...]
        if rest.last == UInt8(ascii: "\n") {
            rest.removeLast()
            if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        }
        return rest
    }
}
