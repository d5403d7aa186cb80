import FuzzTargets

/// Called by libFuzzer for every input. A property that does not hold ends the process, as a trap would.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzReplies(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try ReplyFuzz.run(Array(UnsafeBufferPointer(start: octets, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
