import Testing

@testable import PosthornPOP3

@Suite struct POP3SizeGuardTests {
    /// Whether a row of messages of such sizes is taken for another one: what LIST said, and what came.
    private func mistakes(listed: [UInt64], came: [UInt64]) -> [Bool] {
        var sizes = POP3SizeGuard()
        return came.indices.map { index in
            sizes.begin(
                POP3SizeGuard.Expected(
                    own: listed[index],
                    before: index > 0 ? listed[index - 1] : nil,
                    behind: index + 1 < listed.count ? listed[index + 1] : nil
                )
            )
            sizes.count(Int(came[index]) / 2)
            sizes.count(Int(came[index]) - Int(came[index]) / 2)
            return sizes.isMistaken()
        }
    }

    @Test func `A lost and a doubled answer are noticed`() {
        #expect(mistakes(listed: [10, 20, 30, 40], came: [10, 30, 40]) == [false, true, true])
        #expect(mistakes(listed: [10, 20, 30], came: [10, 10, 20]).dropFirst().first == true)
    }

    @Test func `Sizes that are not true accuse nobody`() {
        #expect(mistakes(listed: [9, 20, 30], came: [10, 30, 20]) == [false, false, false])
        #expect(mistakes(listed: [10, 20, 30], came: [10, 25, 30]) == [false, false, false])
        #expect(mistakes(listed: [10, 20, 30], came: [10, 20, 30]) == [false, false, false])
    }
}
