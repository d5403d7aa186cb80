import PosthornMailbox
import Testing

@Suite struct FetchKeyTests {
    @Test func `A key is 32 lower-case hexadecimal digits`() {
        #expect(FetchKey("0123456789abcdef0123456789abcdef") != nil)
        #expect(FetchKey("0123456789ABCDEF0123456789abcdef") == nil)
        #expect(FetchKey("0123456789abcdef0123456789abcde") == nil)
        #expect(FetchKey("0123456789abcdef0123456789abcdeg") == nil)
    }
}
