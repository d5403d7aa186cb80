public import Posthorn

extension IMAPSession: FlagStorage {
    /// The flags of messages, as the server has them now. `\Recent` is left out.
    public func flags(of ids: [StoredMessage.ID]) async throws -> [StoredMessage.ID: Set<MessageFlag>] {
        try await used {
            let list = try await list()
            let uids = ids.compactMap { indices[$0].map { list[$0].uid } }
            guard !uids.isEmpty else { return [:] }
            let validity = try await mailbox().uidValidity
            var found: [StoredMessage.ID: Set<MessageFlag>] = [:]
            for piece in IMAPSequenceSet(uids).pieces(of: Self.commandLimit) {
                try await line.run(.fetch(piece, [.uid, .flags])) { response in
                    guard case .fetch(let message) = response, let uid = message.uid, let flags = message.flags else {
                        return
                    }
                    found[StoredMessage.ID("\(validity).\(uid)")] =
                        Set(flags.filter { $0.description.lowercased() != "\\recent" })
                }
            }
            let wanted = Set(ids)
            return found.filter { wanted.contains($0.key) }
        }
    }

    /// Replaces the flags of messages, at once.
    ///
    /// - Throws: ``MailError`` with code `unsupported` if the server does not keep one of the flags in this folder.
    public func setFlags(_ flags: Set<MessageFlag>, of ids: [StoredMessage.ID]) async throws {
        try await store(.replace, flags, ids)
    }

    /// Adds and takes away flags of messages, at once.
    public func changeFlags(
        of ids: [StoredMessage.ID],
        adding: Set<MessageFlag>,
        removing: Set<MessageFlag>
    ) async throws {
        if !removing.isEmpty { try await store(.remove, removing, ids) }
        if !adding.isEmpty { try await store(.add, adding, ids) }
    }

    private func store(_ action: IMAPStoreAction, _ flags: Set<MessageFlag>, _ ids: [StoredMessage.ID]) async throws {
        try await used {
            let uids = try await uids(ids)
            guard !uids.isEmpty else { return }
            if action != .remove { try await checkPermanent(flags) }
            let sorted = flags.sorted { $0.description < $1.description }
            for piece in IMAPSequenceSet(uids).pieces(of: Self.commandLimit) {
                try await line.run(.store(piece, action, sorted))
            }
        }
    }

    /// A flag that lasts for the session alone would be a silent loss.
    private func checkPermanent(_ flags: Set<MessageFlag>) async throws {
        guard let kept = try await mailbox().permanentFlags else { return }
        let words = Set(kept.map { $0.description.lowercased() })
        guard
            let lost = flags.first(where: { flag in
                let word = flag.description.lowercased()
                return !words.contains(word) && (word.hasPrefix("\\") || !words.contains("\\*"))
            })
        else { return }
        throw MailError(
            .unsupported,
            "the server does not keep the flag '\(PeerText.shown(lost.description, limit: 60))' in this folder; use one of "
                + kept.prefix(20).map { PeerText.shown($0.description, limit: 40) }.joined(separator: ", ")
        )
    }
}
