/// An extension that the test server can support, by its EHLO keyword.
public struct SMTPServerExtension: Hashable, Sendable, CustomStringConvertible {
    /// The keyword.
    public let description: String

    private init(_ keyword: String) {
        description = keyword
    }

    /// RFC 2920. Without it, a client that does not wait for replies is a violation.
    public static let pipelining = Self("PIPELINING")
    /// RFC 1870.
    public static let size = Self("SIZE")
    /// RFC 6152.
    public static let eightBitMIME = Self("8BITMIME")
    /// RFC 6531.
    public static let smtpUTF8 = Self("SMTPUTF8")
    /// RFC 2034. Without it, replies have no enhanced status codes.
    public static let enhancedStatusCodes = Self("ENHANCEDSTATUSCODES")
    /// RFC 3030: BDAT.
    public static let chunking = Self("CHUNKING")
    /// RFC 3030: BODY=BINARYMIME.
    public static let binaryMIME = Self("BINARYMIME")
    /// RFC 3461.
    public static let deliveryStatusNotification = Self("DSN")
    /// RFC 8689. Announced and taken on encrypted connections only.
    public static let requireTLS = Self("REQUIRETLS")
    /// RFC 2852.
    public static let deliverBy = Self("DELIVERBY")
    /// RFC 4865. Messages are not really held back.
    public static let futureRelease = Self("FUTURERELEASE")
    /// RFC 6710.
    public static let transferPriority = Self("MT-PRIORITY")
    /// RFC 7293. The times are noted; whom they keep out is a matter of ``SMTPServerRules/onRecipient``.
    public static let recipientValidSince = Self("RRVS")
    /// RFC 9422. Announced if ``SMTPServerConfiguration/sessionLimits`` has any; kept to unless it is removed.
    public static let limits = Self("LIMITS")

    /// All of them, in the order in which they are announced.
    public static let all: [SMTPServerExtension] = [
        .pipelining, .size, .eightBitMIME, .smtpUTF8, .enhancedStatusCodes, .chunking, .binaryMIME,
        .deliveryStatusNotification, .requireTLS, .deliverBy, .futureRelease, .transferPriority,
        .recipientValidSince, .limits,
    ]
}
