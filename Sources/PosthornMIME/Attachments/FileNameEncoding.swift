/// How the names of attached files are written where they hold more than plain ASCII.
public struct FileNameEncoding: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String { case compatible, rfc2231 }
    private let value: Value

    /// By the standard (RFC 2231) in Content-Disposition, and as encoded words (RFC 2047) in the `name` parameter of
    /// Content-Type.
    ///
    /// The default, because no form is read by everybody: several versions of Outlook and many gateways look at `name`
    /// and know encoded words only; programs that keep to the standards read `filename*` and, having found it, leave
    /// `name` alone.
    public static let compatible = FileNameEncoding(value: .compatible)

    /// By the standard (RFC 2231) alone.
    public static let rfc2231 = FileNameEncoding(value: .rfc2231)

    /// `compatible` or `rfc2231`
    public var description: String { value.rawValue }
}
