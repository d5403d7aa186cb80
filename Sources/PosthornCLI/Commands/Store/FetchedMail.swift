import ArgumentParser
import Posthorn
import PosthornMailbox

/// What a round of `posthorn fetch` did, for people and machines.
struct FetchedMail {
    let report: FetchReport
    let account: String
    let folder: String?
    let place: String

    init(_ report: FetchReport, account: String, folder: String?, place: String) {
        self.report = report
        self.account = account
        self.folder = folder
        self.place = place
    }

    /// Messages that were refused are asked for again by the next round; so are those of which the server only says that
    /// it does not give them.
    var exitCode: ExitCode {
        let isIncomplete = report.skipped.contains { skipped in
            skipped.reason == .refused || skipped.reason == .vanished && skipped.error?.reply != nil
        }
        return isIncomplete ? ExitCodes.tryLater : ExitCodes.done
    }

    var json: JSONValue {
        [
            "account": .string(account), "folder": .text(folder), "into": .string(place),
            "fetched": .array(
                report.fetched.map { ["id": .string($0.id.description), "size": .number(Int64(clamping: $0.octets))] }
            ),
            "octets": .number(Int64(clamping: report.octets)), "already_known": .number(Int64(report.alreadyKnown)),
            "deleted": .number(Int64(report.deleted)), "waiting": .number(Int64(report.waiting)),
            "deletion_missing": .bool(report.isDeletionMissing),
            "skipped": .array(
                report.skipped.map { skipped in
                    [
                        "id": .string(skipped.id.description), "reason": .string(skipped.reason.description),
                        "size": skipped.size.map { .number(Int64(clamping: $0)) } ?? .null,
                        "message": .text(skipped.error?.message),
                    ]
                }
            ),
        ]
    }

    var lines: [String] {
        let count = report.fetched.count
        let name = folder.map { "\(PeerText.shown($0, limit: 100)): " } ?? ""
        var lines = [
            count == 0
                ? "\(name)No new mail."
                : "\(name)\(Self.count(count)) (\(Size.text(report.octets))) fetched into \(PeerText.shown(place))."
        ]
        if report.deleted > 0 { lines.append("  \(Self.count(report.deleted)) deleted from the server.") }
        if report.isDeletionMissing {
            lines.append("  The server cannot delete messages; they stay there.")
        }
        if report.waiting > 0 {
            lines.append("  \(Self.count(report.waiting)) more on the server; the next round goes on with them.")
        }
        for skipped in report.skipped.prefix(20) {
            let size = skipped.size.map { " (\(Size.text($0)))" } ?? ""
            let why =
                switch skipped.reason {
                case .tooLarge: "it is larger than 'maximum-message-size' and stays on the server"
                default: skipped.error?.message ?? skipped.reason.description
                }
            lines.append("  not fetched: \(PeerText.shown(skipped.id.description, limit: 80))\(size): \(why)")
        }
        if report.skipped.count > 20 { lines.append("  and \(report.skipped.count - 20) more that were not fetched") }
        return lines
    }

    private static func count(_ messages: Int) -> String { messages == 1 ? "1 message" : "\(messages) messages" }
}
