import Posthorn

extension FetchState {
    /// The lock of an account: one for all places, because which place it is shows only after a delivery was opened.
    static func lock(directory: String, account: FetchAccount) throws -> StateLock {
        try JournalFile.makeDirectory(directory)
        let path = try Self.path(directory, account, identity: nil, ending: "lock")
        return try StateLock(path: path, account: account, directory: directory)
    }

    /// Opens the records of an account and a place.
    static func open(
        directory: String,
        account: FetchAccount,
        identity: String,
        calls: JournalFile.Calls
    ) throws -> FetchState {
        let path = try Self.path(directory, account, identity: identity, ending: "fetched")
        return try FetchState(path: path, account: account, identity: identity, calls: calls)
    }

    /// A name that people recognise, and a hash that tells apart what would look alike: `pop3-info@example.org-0f….lock`.
    private static func path(
        _ directory: String,
        _ account: FetchAccount,
        identity: String?,
        ending: String
    ) throws -> String {
        let values = [account.description, identity].compactMap { $0.map { Array($0.utf8) } }
        var digits: [UInt8] = []
        Hex.append(try FetchHasher(account: account).hash(values).words.0, to: &digits)
        let slug = account.description.utf8.prefix(80).map { octet -> UInt8 in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x40, 0x5F: octet
            default: 0x2D
            }
        }
        // A name that begins with a dot would be hidden.
        let readable = slug.first == 0x2E ? [0x2D] + slug.dropFirst() : slug
        let name = String(decoding: readable + [0x2D] + digits, as: UTF8.self) + "." + ending
        return directory.isEmpty ? name : directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Brings records and place together, before a round.
    ///
    /// A round writes in this order, each step on the disk before the next (`e` is even):
    ///
    /// 1. records: the round `e + 1` has begun, and these messages are about to be put into the place
    /// 2. place: mark `e + 1`
    /// 3. place: the messages
    /// 4. records: they are in the place, and the next ones are about to be; and so on from 3
    /// 5. place: mark `e + 2`
    /// 6. records: the last ones are in the place, the round has ended, `e + 2`
    ///
    /// A crash after 1, 2, 3, 4 or 5 leaves records at `e + 1` that name the messages in doubt, and a place at `e`,
    /// `e + 1` or `e + 2`: the place tells which of these messages it holds, the others are forgotten and fetched again.
    /// A place whose mark is lower than that was restored from a backup: it may lack what was fetched since; what it does
    /// not hold of it is forgotten. (That the place is marked twice a round makes the copy of a place that was taken in
    /// the middle of a round look older, as it should.) A place whose mark is higher has seen rounds that the records
    /// have not: the keys that it holds are taken over. What was in the place before the older of the two marks and is
    /// not there now was removed by its owner, and does not come back.
    ///
    /// Last, both get a number that neither ever had: first the place, then the records. A crash between the two looks
    /// like records that were restored, and does the same once more.
    func reconcile(with delivery: any FetchDelivery) async throws {
        let mark = try await delivery.mark()
        let isOpen = generation & 1 == 1
        let lowest = isOpen && !hasConfirmed ? generation - 1 : generation
        let highest = isOpen ? generation &+ 1 : generation
        let isPlaceOlder = mark.generation < lowest
        let isStateOlder = isNew || mark.generation > highest
        guard isPlaceOlder || isStateOlder || isOpen || !undecided.isEmpty else { return }

        if isPlaceOlder || isStateOlder || !undecided.isEmpty {
            let held = Set(try await delivery.heldKeys().compactMap(\.words))
            for name in undecided {
                guard let record = records[name] else { continue }
                if held.contains(record.key) { adopt(name, record) } else { drop(name) }
            }
            if isPlaceOlder { forgetLost(since: mark.generation, held: held) }
            if isPlaceOlder || isStateOlder { takeOver(held) }
        }
        try write()

        let isFirst = isNew && mark.generation == 0 && held.isEmpty
        let (next, isTooMuch) = (max(generation, mark.generation) | 1).addingReportingOverflow(3)
        guard !isTooMuch else {
            throw MailError(
                .storage,
                "the place's mark \(mark.generation) is no number of rounds; the place is damaged: restore it from a backup"
            )
        }
        if !isFirst { try await delivery.setMark(FetchMark(identity: mark.identity, generation: next)) }
        end(isFirst ? 0 : next)
        try write()
    }

    private func forgetLost(since generation: UInt64, held: Set<KeyWords>) {
        for (name, record) in records where record.generation >= generation && !held.contains(record.key) { drop(name) }
    }

    private func takeOver(_ keys: Set<KeyWords>) {
        let known = Set(records.values.map(\.key))
        for key in keys where !known.contains(key) && !held.contains(key) { addHeld(key) }
    }
}
