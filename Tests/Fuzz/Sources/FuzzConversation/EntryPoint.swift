import FuzzTargets

/// Called by libFuzzer for every input. A property that does not hold ends the process, as a trap would.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzConversation(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try ConversationFuzz.run(Array(UnsafeBufferPointer(start: octets, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
