import ArgumentParser
import Posthorn
import PosthornMIME

/// What `posthorn send` sends.
struct MessageOptions: ParsableArguments {
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("The function of the program that sends, as the settings list it.", valueName: "function")
    )
    var function: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Who gets it: one address, or several separated by commas.", valueName: "address")
    )
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("Who gets a copy, seen by all.", valueName: "address"))
    var cc: [String] = []

    @Option(name: .long, help: ArgumentHelp("Who gets a copy, seen by nobody.", valueName: "address"))
    var bcc: [String] = []

    @Option(name: .long, help: ArgumentHelp("Who writes. Default: 'sender' in the settings.", valueName: "address"))
    var from: String?

    @Option(name: .long, help: ArgumentHelp("Where answers go.", valueName: "address"))
    var replyTo: [String] = []

    @Option(name: .long, help: "The subject.")
    var subject: String?

    @Option(name: .long, help: "The text.")
    var text: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the text (UTF-8); - for the standard input.", valueName: "file")
    )
    var textFile: String?

    @Option(name: .long, help: ArgumentHelp("A file with the text as HTML (UTF-8).", valueName: "file"))
    var html: String?

    @Option(name: .long, help: ArgumentHelp("A file to attach.", valueName: "file"))
    var attach: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file that the HTML shows: logo.png is shown by <img src=\"cid:logo.png\">.",
            valueName: "file"
        )
    )
    var inline: [String] = []

    @Option(name: .long, help: ArgumentHelp("A meeting request or the like (iCalendar).", valueName: "file.ics"))
    var calendar: String?

    @Option(name: .long, help: "How urgent it is: high, normal or low.")
    var priority = Urgency.normal

    @Option(name: .long, help: ArgumentHelp("One more header field.", valueName: "name: value"))
    var header: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What the servers on the way shall report: success, failure, delay (separated by commas) or never.",
            valueName: "events"
        )
    )
    var notify: DeliveryReports?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A ready message (RFC 5322) in place of all this; - for the standard input. With --to, it goes to these "
                + "addresses and not to those of its header.",
            valueName: "file.eml"
        )
    )
    var message: String?

    /// Mistakes of the command line as a whole.
    func check() throws {
        if message != nil {
            let others: [(String, Bool)] = [
                ("--cc", cc.isEmpty), ("--bcc", bcc.isEmpty), ("--from", from == nil), ("--reply-to", replyTo.isEmpty),
                ("--subject", subject == nil), ("--text", text == nil), ("--text-file", textFile == nil),
                ("--html", html == nil), ("--attach", attach.isEmpty), ("--inline", inline.isEmpty),
                ("--calendar", calendar == nil), ("--priority", priority == .normal), ("--header", header.isEmpty),
            ]
            guard let clash = others.first(where: { !$0.1 })?.0 else { return }
            throw ValidationError("\(clash) cannot be given with --message: the message is sent as it is.")
        }
        guard !(to.isEmpty && cc.isEmpty && bcc.isEmpty) else {
            throw ValidationError("Nobody would get the message: give --to, --cc or --bcc.")
        }
        guard subject != nil else {
            throw ValidationError("The subject is missing: give --subject (it may be empty: --subject '').")
        }
        guard text == nil || textFile == nil else {
            throw ValidationError("Give either --text or --text-file, not both.")
        }
        guard inline.isEmpty || html != nil else {
            throw ValidationError("--inline needs --html: only HTML shows inline files. Use --attach to attach a file.")
        }
        guard text != nil || textFile != nil || html != nil || calendar != nil || !attach.isEmpty else {
            throw ValidationError(
                "The message would be empty: give --text, --text-file, --html, --attach, --calendar or --message "
                    + "(--text '' sends an empty one)."
            )
        }
    }

    /// Wishes for the way.
    var sendOptions: SendOptions {
        var options = SendOptions()
        options[DeliveryNotification.self] = notify?.value
        return options
    }

    /// The message. Texts are read now, attachments while they are sent.
    ///
    /// - Parameter notes: gets what should be looked at.
    func build(_ notes: inout [String]) throws -> Message {
        let htmlText = try html.map { try TextFile.read($0) }
        var message = try Message(
            from: from,
            to: to,
            cc: cc,
            bcc: bcc,
            replyTo: replyTo,
            subject: subject ?? "",
            text: try textFile.map { try TextFile.read($0) } ?? text,
            html: htmlText,
            attachments: attach.map { .file($0) },
            inline: inline.map { .inline(file: $0, contentID: TextFile.name(of: $0)) },
            calendar: try calendar.map { CalendarInvitation(text: try TextFile.read($0)) }
        )
        message.priority = priority.value
        for line in header { try message.headers.append(Self.field(line)) }
        if let htmlText {
            for name in inline.map(TextFile.name(of:)) where !htmlText.contains("cid:\(name)") {
                notes.append(
                    "the HTML does not show '\(PeerText.shown(name))'; it would by src=\"cid:\(PeerText.shown(name))\""
                )
            }
        }
        return message
    }

    /// Fields that are not written as they are: the envelope and the encoding depend on them.
    private static let options = [
        "from": "--from", "to": "--to", "cc": "--cc", "bcc": "--bcc", "reply-to": "--reply-to", "subject": "--subject",
    ]

    private static func field(_ line: String) throws -> HeaderField {
        guard let colon = line.firstIndex(of: ":") else {
            throw MailError(
                .invalidMessage,
                "'\(PeerText.shown(line, limit: 100))' is not a header field; write it as 'Name: value'"
            )
        }
        let name = line[..<colon].lowercased()
        if let option = options[name] {
            throw MailError(
                .invalidMessage,
                "the header field '\(PeerText.shown(String(line[..<colon])))' has an option of its own; use \(option)"
            )
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return try HeaderField(String(line[..<colon]), String(value))
    }
}

/// The words of `--priority`.
enum Urgency: String, ExpressibleByArgument, CaseIterable, Sendable {
    case high, normal, low

    var value: Priority {
        switch self {
        case .high: .high
        case .normal: .normal
        case .low: .low
        }
    }
}

/// The words of `--notify`.
struct DeliveryReports: ExpressibleByArgument, Sendable {
    let value: DeliveryNotification

    init?(argument: String) {
        guard argument != "never" else {
            value = DeliveryNotification(on: [])
            return
        }
        var events: Set<DeliveryNotification.Event> = []
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            switch word.trimmingPrefix(while: { $0 == " " }) {
            case "success": events.insert(.success)
            case "failure": events.insert(.failure)
            case "delay": events.insert(.delay)
            default: return nil
            }
        }
        value = DeliveryNotification(on: events)
    }
}
