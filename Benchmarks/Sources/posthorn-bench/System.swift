#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct Complaint: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

/// A variable of the environment, if it is set.
func optional(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// A variable of the environment that must be set.
func value(_ name: String) throws -> String {
    guard let value = optional(name) else { throw Complaint(text: "\(name) is not set") }
    return value
}

/// The octets of a file.
func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Complaint(text: "\(path) cannot be opened") }
    defer { fclose(file) }
    let size = try size(of: path)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = fread(buffer.baseAddress, 1, size, file)
    }
}

/// The size of a file.
func size(of path: String) throws -> Int {
    var information = stat()
    guard stat(path, &information) == 0 else { throw Complaint(text: "\(path) is not there") }
    return Int(information.st_size)
}

/// A file that is written from its beginning.
struct OutputFile {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw Complaint(text: "\(path) cannot be written") }
    }

    func write(_ octets: [UInt8]) throws {
        try octets.withUnsafeBytes { octets in
            var done = 0
            while done < octets.count {
                let count = writeSome(descriptor, octets.baseAddress?.advanced(by: done), octets.count - done)
                guard count > 0 else { throw Complaint(text: "the output cannot be written") }
                done += count
            }
        }
    }

    func close() { closeFile(descriptor) }
}

private func writeSome(_ descriptor: Int32, _ octets: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, octets, count)
}

private func closeFile(_ descriptor: Int32) { close(descriptor) }

/// Writes a line to the standard error.
func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = writeSome(2, line, line.count)
}

/// Ends the process.
func end(_ status: Int32) -> Never { exit(status) }

/// The names of the files in a folder.
func names(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else { throw Complaint(text: "\(folder) cannot be read") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names
}
