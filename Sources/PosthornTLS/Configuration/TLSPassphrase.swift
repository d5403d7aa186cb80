/// Where the passphrase of a private key comes from.
///
/// The octets are asked for at the moment the key is read and wiped afterwards; they are never stored, and no
/// description or mirror of this value shows them. Two values are equal if they are copies of one another.
package struct TLSPassphrase: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private final class Source: Sendable {
        let provide: @Sendable () throws -> [UInt8]

        init(_ provide: @escaping @Sendable () throws -> [UInt8]) { self.provide = provide }
    }

    private let source: Source

    /// A passphrase that the closure supplies when a key is read; what it throws ends the loading.
    package init(_ provide: @escaping @Sendable () throws -> [UInt8]) { source = Source(provide) }

    package static func == (left: TLSPassphrase, right: TLSPassphrase) -> Bool { left.source === right.source }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(source)) }

    package var description: String { "<passphrase>" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: []) }

    func bytes() throws -> [UInt8] { try source.provide() }
}
