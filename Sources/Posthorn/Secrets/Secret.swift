/// A password, token or passphrase that never prints.
///
/// A secret does not appear in `description`, `debugDescription`, `dump`, string interpolation or a
/// mirror. Its bytes are overwritten when the last copy is gone. They can be reached only through
/// ``withBytes(_:)``.
public struct Secret: Sendable {
    private let storage: Storage

    /// A secret of the given bytes.
    public init(bytes: some Collection<UInt8>) {
        storage = Storage(bytes)
    }

    /// A secret of the UTF-8 bytes of a string.
    public init(_ string: String) {
        storage = Storage(Array(string.utf8))
    }

    /// The number of bytes.
    public var count: Int { storage.bytes.count }

    /// Whether there are no bytes at all.
    public var isEmpty: Bool { storage.bytes.isEmpty }

    /// Gives the bytes to `body`. Do not keep them, and never make an error text of them.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// Owns the bytes.
    ///
    /// `@unchecked`: the buffer is written in `init` and in `deinit` alone, so that all shared access is reading.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ source: some Collection<UInt8>) {
            bytes = .allocate(byteCount: source.count, alignment: 1)
            bytes.copyBytes(from: source)
        }

        deinit {
            // Writing through a volatile-like barrier is not to be had in Swift; `initializeMemory` on a buffer that
            // is freed right after is kept by the compiler because `deallocate` is an opaque call.
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            bytes.deallocate()
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret>`.
    public var description: String { "<secret>" }
    /// Always `<secret>`.
    public var debugDescription: String { "<secret>" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
