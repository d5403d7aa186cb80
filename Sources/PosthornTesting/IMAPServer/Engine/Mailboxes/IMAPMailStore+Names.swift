extension IMAPMailStore {
    /// What became of an attempt to change names.
    enum Naming: Sendable { case done, exists, missing, refused }

    /// Makes a mailbox; one that holds nothing but others becomes one that holds messages.
    func create(_ name: String, of user: String, attributes: [String] = []) -> Naming {
        change { state in
            var name = Self.canonical(name)
            if let separator = state.separator, name.last == separator { name.removeLast() }
            guard !name.isEmpty, name.utf8.count <= 1_000 else { return ([], .refused) }
            let validity = state.validity &+ 1
            if let id = state.id(name, of: user) {
                guard state.mailboxes[id]?.isSelectable == false else { return ([], .exists) }
                state.mailboxes[id]?.attributes = attributes
                return ([id], .done)
            }
            state.add(Self.mailbox(IMAPServerMailbox(name, attributes: attributes, uidValidity: validity)), of: user)
            return ([], .done)
        }
    }

    /// Removes a mailbox; one with others below it stays as their parent.
    func delete(_ name: String, of user: String) -> Naming {
        change { state in
            let name = Self.canonical(name)
            guard let id = state.id(name, of: user), let mailbox = state.mailboxes[id] else { return ([], .missing) }
            guard name != "INBOX" else { return ([], .refused) }
            let hasChildren = state.accounts[user]?.mailboxes.keys.contains { state.parents(of: $0).contains(name) }
            state.mailboxes[id] = nil
            state.accounts[user]?.mailboxes[name] = nil
            if hasChildren == true {
                guard mailbox.isSelectable else {
                    state.add(mailbox, of: user)
                    return ([], .refused)
                }
                state.add(Self.mailbox(IMAPServerMailbox(name, attributes: ["\\Noselect"])), of: user)
            }
            return ([id], .done)
        }
    }

    /// Gives a mailbox, and those below it, another name. Of INBOX only the messages go.
    func rename(_ old: String, to new: String, of user: String) -> Naming {
        change { state in
            let (old, new) = (Self.canonical(old), Self.canonical(new))
            guard let id = state.id(old, of: user), var mailbox = state.mailboxes[id] else { return ([], .missing) }
            guard state.id(new, of: user) == nil else { return ([], .exists) }
            guard !new.isEmpty, new.utf8.count <= 1_000, !state.parents(of: new).contains(old) else {
                return ([], .refused)
            }
            if old == "INBOX" {
                var copy = mailbox
                copy.name = new
                copy.uidValidity = max(1, state.validity &+ 1)
                mailbox.remove(Set(mailbox.messages.map(\.uid)))
                state.mailboxes[id] = mailbox
                state.add(copy, of: user)
                return ([id], .done)
            }
            for (name, id) in state.accounts[user]?.mailboxes ?? [:] {
                guard name == old || state.parents(of: name).contains(old), var moved = state.mailboxes[id] else {
                    continue
                }
                moved.name = new + name.dropFirst(old.count)
                state.accounts[user]?.mailboxes[name] = nil
                state.mailboxes[id] = moved
                state.accounts[user]?.mailboxes[moved.name] = id
            }
            for parent in state.parents(of: new) where state.id(parent, of: user) == nil {
                state.add(Self.mailbox(IMAPServerMailbox(parent, attributes: ["\\Noselect"])), of: user)
            }
            return ([], .done)
        }
    }

    func subscribe(_ name: String, _ isSubscribed: Bool, of user: String) {
        change { state in
            if isSubscribed {
                // As many as a client could make mailboxes, and no name without end.
                state.accounts[user]?.subscriptions.insert(String(Self.canonical(name).prefix(1_000)))
            } else {
                state.accounts[user]?.subscriptions.remove(Self.canonical(name))
            }
            return ([], ())
        }
    }

    /// A mailbox in a list.
    struct Listed: Sendable {
        let name: String
        /// `nil` if it is only subscribed.
        let mailbox: Mailbox?
        let isSubscribed: Bool
        let hasChildren: Bool
    }

    /// All mailboxes by name, INBOX first.
    func list(of user: String, withMissing: Bool = false) -> [Listed] {
        read { state in
            guard let account = state.accounts[user] else { return [] }
            let parents = Set(account.mailboxes.keys.flatMap { state.parents(of: $0) })
            let names = Set(account.mailboxes.keys).union(withMissing ? account.subscriptions : [])
            return names.sorted { ($0 == "INBOX" ? 0 : 1, $0) < ($1 == "INBOX" ? 0 : 1, $1) }.map { name in
                Listed(
                    name: name,
                    mailbox: account.mailboxes[name].flatMap { state.mailboxes[$0] },
                    isSubscribed: account.subscriptions.contains(name),
                    hasChildren: parents.contains(name)
                )
            }
        }
    }
}
