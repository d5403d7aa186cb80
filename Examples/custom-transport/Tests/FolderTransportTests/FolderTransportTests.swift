import Foundation
import Posthorn
import PosthornTesting
import Testing

@testable import FolderTransport

@Test("The folder transport keeps the contract of transports")
func conformance() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("folder-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await TransportConformance { FolderTransport(folder: folder) }.run()
}
