/// `withUnsafeBytes` that keeps the type of the error.
func withOctets<Result>(
    of array: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(TLSError) -> Result
) throws(TLSError) -> Result {
    let outcome: Swift.Result<Result, TLSError> = array.withUnsafeBytes { octets in
        do throws(TLSError) {
            return .success(try body(octets))
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
