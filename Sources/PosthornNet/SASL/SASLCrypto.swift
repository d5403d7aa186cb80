import Posthorn
import PosthornTLS

/// Calls of the crypto helpers, with their errors as sentences about the sign-in.
enum SASLCrypto {
    static func run<Result>(_ mechanism: String, _ body: () throws(TLSError) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw MailError(
                .authenticationUnavailable,
                "the sign-in mechanism \(mechanism) cannot be used on this computer: \(error.message); allow another one "
                    + "in 'mechanisms'",
                cause: error
            )
        }
    }
}
