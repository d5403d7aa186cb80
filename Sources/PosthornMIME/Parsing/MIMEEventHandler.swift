/// What takes the events of a ``MIMEParser``: parts begin, have a header and body octets, and end, in the order of the
/// message. Methods that are not written do nothing.
public protocol MIMEEventHandler {
    /// What the methods throw; parsing ends with it.
    associatedtype Failure: Error = Never

    /// A part begins: the message itself, a part of the multipart that is open, or the message in the part that is open.
    ///
    /// - Parameter offset: where its header begins, in octets from the beginning of the message.
    mutating func partBegins(at offset: UInt64) throws(Failure)

    /// The header of the part that was begun last.
    ///
    /// - Parameter octets: all of it, the empty line included; valid during the call.
    mutating func header(_ header: PartHeader, _ octets: RawSpan) throws(Failure)

    /// More octets of the body of the part that is open, as they are in the message, still encoded. Pieces have any size.
    ///
    /// - Parameter role: what they are of it.
    /// - Parameter octets: valid during the call.
    mutating func body(_ role: BodyRole, _ octets: RawSpan) throws(Failure)

    /// The part that is open ends.
    ///
    /// - Parameter body: where its body is, the line end that belongs to the boundary behind it left out.
    mutating func partEnds(body: Range<UInt64>) throws(Failure)

    /// Something is not as the standards want it.
    mutating func defect(_ kind: MessageDefect.Kind, at offset: UInt64) throws(Failure)
}

/// What octets of a body are.
public enum BodyRole: Hashable, Sendable {
    /// The content of a part that is not divided any further.
    case content
    /// What stands before the first boundary of a multipart; a program that reads mail does not show it.
    case preamble
    /// What stands behind the last boundary of a multipart.
    case epilogue
}

extension MIMEEventHandler {
    /// Does nothing.
    public mutating func partBegins(at offset: UInt64) throws(Failure) {}
    /// Does nothing.
    public mutating func header(_ header: PartHeader, _ octets: RawSpan) throws(Failure) {}
    /// Does nothing.
    public mutating func body(_ role: BodyRole, _ octets: RawSpan) throws(Failure) {}
    /// Does nothing.
    public mutating func partEnds(body: Range<UInt64>) throws(Failure) {}
    /// Does nothing.
    public mutating func defect(_ kind: MessageDefect.Kind, at offset: UInt64) throws(Failure) {}
}
