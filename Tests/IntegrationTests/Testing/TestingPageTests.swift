import Foundation
import Testing

/// docs/testing.md and the example that it shows.
@Suite struct TestingPageTests {
    @Test func `The page shows the example as it is`() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let example = try String(contentsOf: here.appending(path: "OrderDeskTests.swift"), encoding: .utf8)
        let page = here.appending(path: "../../../docs/testing.md").standardized
        #expect(try String(contentsOf: page, encoding: .utf8).contains("```swift\n" + example + "```\n"))
    }
}
