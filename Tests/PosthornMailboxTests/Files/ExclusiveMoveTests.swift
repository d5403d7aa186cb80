import Foundation
import TestSupport
import Testing

@testable import PosthornMailbox

@Suite struct ExclusiveMoveTests {
    @Test(arguments: [false, true])
    func `A move never takes the place of another file`(isLink: Bool) throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", to: "a")
        try directory.write("other", to: "b")
        let handle = try #require(try DirectoryHandle.open(directory.path))
        let move = isLink ? ExclusiveMove.link : ExclusiveMove.move
        #expect(move(handle.descriptor, "a", handle.descriptor, "b") == -1)
        #expect(errno == EEXIST)
        #expect(move(handle.descriptor, "a", handle.descriptor, "c") == 0)
        #expect(move(handle.descriptor, "a", handle.descriptor, "d") == -1)
        #expect(errno == ENOENT)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["b", "c"])
        #expect(try String(contentsOf: directory.file("b"), encoding: .utf8) == "other")
        #expect(try String(contentsOf: directory.file("c"), encoding: .utf8) == "old")
    }
}
