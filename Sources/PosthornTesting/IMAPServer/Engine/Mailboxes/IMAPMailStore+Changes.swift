extension IMAPMailStore {
    /// What has happened to a mailbox since a change.
    struct Changes: Sendable {
        var numbering: Int
        var expunged: [UInt32] = []
        /// Those that were there already and have other flags now.
        var changed: [Message] = []
        var added: [UInt32] = []
        var sequence: UInt64
    }

    /// What has happened since the change with a number.
    ///
    /// - Parameter last: The greatest UID that is known.
    /// - Returns: `nil` if the mailbox is gone.
    func changes(_ id: Int, since sequence: UInt64, last: UInt32) -> Changes? {
        read { state in
            guard let mailbox = state.mailboxes[id] else { return nil }
            var changes = Changes(numbering: mailbox.numbering, sequence: mailbox.sequence)
            guard mailbox.sequence > sequence else { return changes }
            changes.expunged = mailbox.expunged.reversed().prefix { $0.sequence > sequence }.map(\.uid)
            for message in mailbox.messages where message.modificationSequence > sequence {
                if message.uid > last { changes.added.append(message.uid) } else { changes.changed.append(message) }
            }
            return changes
        }
    }

    /// How STORE changes flags.
    enum FlagChange: Sendable { case set, add, remove }

    struct StoreResult: Sendable {
        /// All that were named and are there, as they are now.
        var messages: [Message] = []
        /// Those that another one has changed meanwhile.
        var modified: [UInt32] = []
    }

    /// Changes flags.
    ///
    /// - Parameter limit: Messages that were changed after this one are left alone (UNCHANGEDSINCE).
    func store(
        _ id: Int,
        _ uids: [UInt32],
        _ change: FlagChange,
        _ flags: [String],
        unchangedSince limit: UInt64? = nil
    ) -> StoreResult {
        self.change(id) { mailbox in
            var result = StoreResult()
            let sequence = mailbox.sequence + 1
            let names = Set(flags.map { $0.lowercased() })
            for uid in uids {
                guard let position = mailbox.position(of: uid) else { continue }
                let old = mailbox.messages[position]
                if let limit, old.modificationSequence > limit {
                    result.modified.append(uid)
                    continue
                }
                var new = old.flags
                switch change {
                case .set: new = flags
                case .add: new += flags.filter { !old.has($0) }
                case .remove: new.removeAll { names.contains($0.lowercased()) }
                }
                if new != old.flags {
                    mailbox.messages[position].flags = new
                    mailbox.messages[position].modificationSequence = sequence
                    mailbox.sequence = sequence
                }
                result.messages.append(mailbox.messages[position])
            }
            return result
        } ?? StoreResult()
    }

    /// Removes messages.
    ///
    /// - Parameters:
    ///   - uids: Which ones; `nil` for all.
    ///   - areMarked: Whether only those with `\Deleted` are removed.
    /// - Returns: how many there were.
    @discardableResult
    func expunge(_ id: Int, _ uids: Set<UInt32>?, areMarked: Bool) -> Int {
        change(id) { mailbox in
            let gone = mailbox.messages.filter { message in
                uids?.contains(message.uid) != false && (!areMarked || message.has("\\Deleted"))
            }
            mailbox.remove(Set(gone.map(\.uid)))
            return gone.count
        } ?? 0
    }

    /// Where messages have come to.
    struct Arrival: Sendable {
        let uidValidity: UInt32
        var sources: [UInt32] = []
        var uids: [UInt32] = []
    }

    /// Adds a message; `nil` if the mailbox is gone or its UIDs are used up.
    func add(_ message: IMAPServerMessage, to id: Int) -> Arrival? {
        change(id) { mailbox -> Arrival? in
            mailbox.sequence += 1
            guard let uid = mailbox.add(message) else { return nil }
            return Arrival(uidValidity: mailbox.uidValidity, uids: [uid])
        } ?? nil
    }

    /// Copies or moves messages; `nil` if a mailbox is gone.
    func copy(_ uids: [UInt32], from source: Int, to target: Int, isMove: Bool) -> Arrival? {
        change { state -> (changed: [Int], result: Arrival?) in
            guard let from = state.mailboxes[source], var to = state.mailboxes[target] else { return ([], nil) }
            var arrival = Arrival(uidValidity: to.uidValidity)
            to.sequence += 1
            for uid in uids {
                guard let position = from.position(of: uid) else { continue }
                let message = from.messages[position]
                let copy = IMAPServerMessage(
                    flags: message.flags,
                    internalDate: message.internalDate,
                    content: message.content.content,
                    listedSize: message.listedSize
                )
                guard let new = to.add(copy, message.content) else { continue }
                arrival.sources.append(uid)
                arrival.uids.append(new)
            }
            state.mailboxes[target] = to
            if isMove { state.mailboxes[source]?.remove(Set(arrival.sources)) }
            return ([source, target], arrival)
        }
    }

    /// Gives a mailbox another UIDVALIDITY, as a server does that has lost its index: the messages are numbered anew.
    func changeUIDValidity(_ id: Int, to value: UInt32?, firstUID: UInt32) {
        _ = change(id) { mailbox in
            mailbox.uidValidity = max(1, value ?? mailbox.uidValidity &+ 1)
            mailbox.numbering += 1
            mailbox.sequence += 1
            let old = mailbox.messages
            mailbox.messages = []
            mailbox.expunged = []
            mailbox.uidNext = max(1, firstUID)
            for message in old {
                let copy = IMAPServerMessage(
                    flags: message.flags,
                    internalDate: message.internalDate,
                    content: message.content.content,
                    listedSize: message.listedSize
                )
                _ = mailbox.add(copy, message.content)
            }
        }
    }

    /// A mailbox as the configuration describes one.
    func snapshot(_ name: String, of user: String) -> IMAPServerMailbox? {
        read { state in
            guard let id = state.id(name, of: user), let mailbox = state.mailboxes[id] else { return nil }
            var snapshot = IMAPServerMailbox(
                mailbox.name,
                attributes: mailbox.attributes,
                uidValidity: mailbox.uidValidity,
                messages: mailbox.messages.map { message in
                    var copy = IMAPServerMessage(
                        uid: message.uid,
                        flags: message.flags,
                        internalDate: message.internalDate,
                        content: message.content.content,
                        listedSize: message.listedSize
                    )
                    copy.modificationSequence = message.modificationSequence
                    return copy
                }
            )
            snapshot.uidNext = mailbox.uidNext
            snapshot.isSubscribed = state.accounts[user]?.subscriptions.contains(mailbox.name) == true
            snapshot.isReadOnly = mailbox.isReadOnly
            snapshot.takesKeywords = mailbox.takesKeywords
            snapshot.highestModificationSequence = mailbox.sequence
            return snapshot
        }
    }
}
