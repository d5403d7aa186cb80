/// Conversations (RFC 5256), flat: a thread of any depth takes no stack.
public struct IMAPThreads: Hashable, Sendable {
    /// A message of a conversation.
    public struct Member: Hashable, Sendable {
        /// Its number, or UID if UIDs were asked for; `nil` for a message that the folder does not have, whose answers
        /// are there.
        public var number: UInt32?
        /// The index in ``IMAPThreads/members`` of the message that it answers; `nil` at the top.
        public var parent: Int?
    }

    /// All messages, each behind its parent.
    public var members: [Member] = []

    /// No conversation.
    public init() {}

    /// The indices of the messages that begin a conversation.
    public var roots: [Int] { members.indices.filter { members[$0].parent == nil } }
}
