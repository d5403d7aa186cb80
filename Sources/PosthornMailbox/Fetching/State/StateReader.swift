import Posthorn

/// The first line of a state file: version, account, place, and how many of the lines below were written together with it.
struct StateHeader {
    static let word = "posthorn-fetch-state"
    static let version = "1"

    let account: String
    let identity: String

    func line(lines: Int) -> [UInt8] {
        var octets: [UInt8] = []
        StateLine.append(to: &octets) { octets in
            octets.append(contentsOf: "\(Self.word) \(Self.version) account:".utf8)
            StateLine.append(escaped: account, to: &octets)
            octets.append(contentsOf: " place:".utf8)
            StateLine.append(escaped: identity, to: &octets)
            octets.append(contentsOf: " \(lines)".utf8)
        }
        return octets
    }
}

/// Reads a state file.
///
/// What stands in the file up to a `batch` line was on the disk before that line was written. So lines that are damaged
/// or missing in the last batch are what a loss of power leaves behind, and are cut off; the marks of place and records
/// differ then, or a round has not ended, and the place is asked what it holds. Anywhere else damage is an error.
struct StateReader {
    let path: String
    let octets: [UInt8]

    /// Gives each change to `body`, a batch's number with the line that begins it.
    ///
    /// - Returns: where the part ends that is to be kept.
    func read(_ header: StateHeader, _ body: (StateChange, UInt64?) -> Void) throws -> Int {
        var position = 0
        guard let first = line(at: position), var words = StateLine.words(first),
            words.next()?.elementsEqual(StateHeader.word.utf8) == true, let version = words.next()
        else { throw damaged(line: 1) }
        guard version.elementsEqual(StateHeader.version.utf8) else {
            throw MailError(
                .storage,
                "'\(PeerText.shown(path))' has the format \(PeerText.shown(version)) and this program knows format "
                    + "\(StateHeader.version) alone; use the program that wrote it, or a newer one"
            )
        }
        guard words.next() != nil, words.next() != nil, let together: Int = StateLine.number(words.last()),
            together >= 0
        else { throw damaged(line: 1) }
        guard first.starts(with: header.line(lines: together).dropLast(10)) else {
            throw MailError(
                .storage,
                "'\(PeerText.shown(path))' holds the records of another account or place: expected those of "
                    + "\(PeerText.shown(header.account)); move the file away"
            )
        }
        position = first.endIndex + 1

        var number = 1
        var batch: UInt64 = 0
        while position < octets.count {
            number += 1
            guard let line = line(at: position), let words = StateLine.words(line), let change = StateChange(words)
            else {
                guard number - 1 > together, !hasBatch(after: position, beyond: batch) else {
                    throw damaged(line: number)
                }
                return position
            }
            if case .batch(let next) = change {
                guard next == batch &+ 1, number - 1 > together else { throw damaged(line: number) }
                batch = next
                body(change, next)
            } else {
                // After the common part each line belongs to a batch.
                guard batch > 0 || number - 1 <= together else { throw damaged(line: number) }
                body(change, nil)
            }
            position = line.endIndex + 1
        }
        guard number - 1 >= together else { throw damaged(line: number + 1) }
        return position
    }

    /// Whether a later batch begins behind a damaged line.
    private func hasBatch(after start: Int, beyond batch: UInt64) -> Bool {
        var position = start
        while let feed = StateLine.feed(in: octets, from: position) {
            if let words = StateLine.words(octets[position..<feed]), case .batch(let number)? = StateChange(words),
                number > batch
            {
                return true
            }
            position = feed + 1
        }
        return false
    }

    private func line(at position: Int) -> ArraySlice<UInt8>? {
        StateLine.feed(in: octets, from: position).map { octets[position..<$0] }
    }

    private func damaged(line: Int) -> MailError {
        MailError(
            .storage,
            "line \(line) of the records in '\(PeerText.shown(path))' is damaged; restore the file from a backup, or move "
                + "it away: what the place holds is recognised then, and what was removed from the place but is still on "
                + "the server is fetched again"
        )
    }
}
