/// The wish that attachments travel as they are, without base64 (RFC 3030, BINARYMIME and CHUNKING): a quarter less to
/// transfer.
///
/// A server that takes such a message must encode it again for the next one that does not, or return it; so this is for
/// servers of which one knows where they lead. Where it is not offered, the message is encoded as usual and the wish is
/// listed in ``SendReceipt/ignoredOptions``.
public struct BinaryTransfer: SendOption, Hashable, Sendable {
    /// `binary-transfer`
    public static let name = "binary-transfer"
    /// The wish itself.
    public typealias Value = BinaryTransfer

    /// The wish.
    public init() {}
}
