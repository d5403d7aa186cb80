import Posthorn

/// A meeting request, cancellation or answer (iCalendar, RFC 5545; iMIP, RFC 6047).
///
/// It becomes a `text/calendar` part beside text and HTML, which Outlook and Gmail show with buttons, and a file
/// attachment beside it for programs that know files only.
public struct CalendarInvitation: Hashable, Sendable {
    /// The iCalendar object, from `BEGIN:VCALENDAR` to `END:VCALENDAR`.
    public var text: String
    /// The method, such as `REQUEST`; `nil`: the one that ``text`` names in its METHOD line.
    public var method: String?
    /// The name of the file attachment; `nil` for none.
    public var fileName: String?

    /// Creates an invitation.
    public init(text: String, method: String? = nil, fileName: String? = "invite.ics") {
        self.text = text
        self.method = method
        self.fileName = fileName
    }

    /// The method, after checking that part and object name the same: mail programs show no buttons otherwise.
    func checkedMethod() throws -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        let inside = lines.first { $0.prefix(7).uppercased() == "METHOD:" }.map { String($0.dropFirst(7)).uppercased() }
        guard lines.first?.uppercased() == "BEGIN:VCALENDAR" else {
            throw MailError(
                .invalidMessage,
                "the calendar invitation does not begin with 'BEGIN:VCALENDAR'; give the whole object"
            )
        }
        guard let inside else {
            throw MailError(
                .invalidMessage,
                "the calendar invitation has no METHOD line; add 'METHOD:\(Self.shown(method ?? "REQUEST"))' after VERSION"
            )
        }
        guard method == nil || method?.uppercased() == inside else {
            throw MailError(
                .invalidMessage,
                "the calendar invitation's method is '\(Self.shown(method ?? ""))', but its text says "
                    + "'METHOD:\(Self.shown(inside))'; make both the same"
            )
        }
        guard (1...40).contains(inside.utf8.count),
            inside.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else {
            throw MailError(
                .invalidMessage,
                "the calendar invitation's method '\(Self.shown(inside))' is not a word such as REQUEST, CANCEL or REPLY"
            )
        }
        return inside
    }

    private static func shown(_ word: String) -> String { PeerText.shown(word, limit: 40) }
}
