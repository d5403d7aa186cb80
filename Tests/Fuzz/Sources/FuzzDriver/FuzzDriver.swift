import CLibFuzzer

/// The way into libFuzzer. SwiftPM gives an executable a `main` of its own, so libFuzzer's is not used.
public enum FuzzDriver {
    /// Gives a function to libFuzzer, with the arguments of the process.
    ///
    /// - Returns: the code to end with.
    public static func run(_ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        return LLVMFuzzerRunDriver(&count, &arguments, callback)
    }

    /// Runs one input. A property that does not hold ends the process, as a trap would.
    public static func check(
        _ octets: UnsafePointer<UInt8>?,
        _ count: Int,
        _ body: ([UInt8]) throws -> Void
    ) -> CInt {
        do {
            try body(Array(UnsafeBufferPointer(start: octets, count: count)))
        } catch {
            fatalError("\(error)")
        }
        return 0
    }
}
