/// A ready message in memory, for those that can do without a reader.
package struct ReadyOctets {
    /// What the message is like.
    package let facts: ContentFacts
    /// What comes first; empty if the message is in one piece.
    package let header: [UInt8]
    /// What follows.
    package let rest: ArraySlice<UInt8>

    /// The number of octets.
    package var count: Int { header.count + rest.count }
}
