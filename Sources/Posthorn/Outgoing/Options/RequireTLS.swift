/// Asks that every server on the way passes the message on over verified TLS only, and rather returns it than sends it in
/// the clear (REQUIRETLS, RFC 8689).
///
/// As a wish, it is listed in the receipt if the first server cannot do it, and the message goes all the same. Who must
/// have it requires it:
/// ```swift
/// options.require(RequireTLS.self, RequireTLS())
/// ```
public struct RequireTLS: SendOption, Hashable, Sendable {
    /// The option carries the value itself.
    public typealias Value = RequireTLS
    /// `require-tls`
    public static let name = "require-tls"

    /// Creates the option's value.
    public init() {}
}
