import Foundation
import TestSupport
import Testing

/// `posthorn fetch` into a file system of its own that is too small.
@Suite struct FullDiskTests {
    @Test func `A full disk loses nothing, and the next round goes on`() async throws {
        let stage = try await FetchStage("keep-on-server: no")
        var sent: [[UInt8]] = []
        for number in 0..<60 {
            let text = "Subject: \(number)\r\n\r\n" + String(repeating: "0123456789abcde\r\n", count: 4_000)
            sent.append(Array(text.utf8))
            try stage.mailbox.deliver(Array(text.utf8))
        }
        let disk = stage.directory.file("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.path]).check("mount")
        do {
            let full = try await stage.posthorn("fetch", "--into", "disk/mail")
            #expect(full.code == 73, "\(full.output)\(full.errorOutput)")
            #expect(full.errorOutput.contains("disk/mail"), "\(full.errorOutput)")
            #expect(full.errorOutput.contains("full") || full.errorOutput.contains("space"), "\(full.errorOutput)")
            // A round that failed deletes nothing.
            #expect(try stage.mailbox.files().count == 60)
            for message in try stage.fetched("disk/mail") { #expect(sent.contains(message)) }
            try await run("mount", ["-o", "remount,size=64m", disk.path]).check("mount")
            let done = try await stage.posthorn("fetch", "--into", "disk/mail")
            #expect(done.code == 0, "\(done.errorOutput)")
            #expect(occurrences(try stage.fetched("disk/mail")) == occurrences(sent))
            #expect(try stage.mailbox.files().isEmpty)
        } catch {
            _ = try? await run("umount", ["-l", disk.path])
            throw error
        }
        try await run("umount", ["-l", disk.path]).check("umount")
    }

    @Test func `Full records stop the round before anything is deleted`() async throws {
        let stage = try await FetchStage("keep-on-server: no")
        let sent = try stage.deliver(0..<3)
        let disk = stage.directory.file("records")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        try await run("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", disk.path]).check("mount")
        do {
            try Data(repeating: 1, count: 4_096).write(to: disk.appending(path: "filler"))
        } catch {
            // The file system is full already.
        }
        let full = try await stage.posthorn("fetch", "--into", "mail", "--state", "records")
        _ = try await run("umount", ["-l", disk.path])
        #expect(full.code == 73, "\(full.output)\(full.errorOutput)")
        #expect(try stage.mailbox.files().count == sent.count)
    }
}
