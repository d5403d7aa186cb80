import Foundation
import TestSupport
import Testing

@testable import Posthorn

@Suite(.computing) struct AtomicFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func aFileIsReplacedAsAWholeWithTheModeThatIsAskedFor() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a", "old", mode: 0o644)
        try AtomicFile.write(Array("new".utf8), to: file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
        #expect(try mode(file) == 0o600)
        try AtomicFile.write([UInt8](repeating: 7, count: 3_000_000), to: "\(directory.path)/b", mode: 0o640)
        #expect(try mode("\(directory.path)/b") == 0o640)
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/b")).count == 3_000_000)
        #expect(try directory.names() == ["a", "b"])
    }

    @Test func aLinkStaysALink() throws {
        let directory = try TemporaryDirectory()
        try directory.write("real", "old")
        let link = "\(directory.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real")
        try AtomicFile.write(Array("new".utf8), to: link)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "real")
        #expect(try String(contentsOfFile: "\(directory.path)/real", encoding: .utf8) == "new")
    }

    @Test func everyFailureLeavesTheOldFileAndNothingElse() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a", "old")
        var written = 0
        let failing: [(String, AtomicWrite.Calls)] = [
            (
                "No space left",
                .init(write: { _, _ in
                    errno = ENOSPC; return -1
                })
            ),
            (
                "No space left",
                .init(write: { descriptor, bytes in
                    written += 1
                    if written > 1 { errno = ENOSPC; return -1 }
                    return write(descriptor, bytes.baseAddress, min(2, bytes.count))
                })
            ),
            ("No space left", .init(write: { _, _ in 0 })),
            (
                "Input/output error",
                .init(synchronize: { _ in
                    errno = EIO; return -1
                })
            ),
            (
                "Permission denied",
                .init(rename: { _, _ in
                    errno = EACCES; return -1
                })
            ),
        ]
        for (reason, calls) in failing {
            let error = #expect(throws: MailError.self) {
                try Array("new content".utf8).withUnsafeBytes {
                    try AtomicWrite(path: file, mode: 0o600, calls: calls).write($0)
                }
            }
            #expect(error?.code == .storage)
            #expect(error?.message.contains(reason) == true)
            #expect(error?.message.contains(file) == true)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "old")
            #expect(try directory.names() == ["a"])
        }
    }

    @Test func shortWritesAndInterruptionsAreContinued() throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/a"
        var turn = 0
        let calls = AtomicWrite.Calls(write: { descriptor, bytes in
            turn += 1
            if turn % 2 == 0 { errno = EINTR; return -1 }
            return write(descriptor, bytes.baseAddress, min(3, bytes.count))
        })
        try Array("a longer content".utf8).withUnsafeBytes {
            try AtomicWrite(path: file, mode: 0o600, calls: calls).write($0)
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "a longer content")
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        #expect(throws: MailError.self) { try AtomicFile.write([1], to: "/nowhere/at/all") }
    }
}
