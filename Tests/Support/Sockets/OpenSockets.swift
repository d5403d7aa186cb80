import Foundation

/// The sockets of this process that are connected to a port of 127.0.0.1, whatever else the process does meanwhile.
package enum OpenSockets {
    /// How many there are now.
    package static func toward(port: Int) -> Int {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
        let table = (try? String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)) ?? ""
        var inodes: Set<String> = []
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            if fields.count > 9, fields[2].hasSuffix(suffix) { inodes.insert("socket:[\(fields[9])]") }
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            return target.map { inodes.contains($0) } ?? false
        }
    }

    /// Waits until none is left, at most two seconds.
    package static func areGone(port: Int, except others: Int = 0) async -> Bool {
        for _ in 0..<100 {
            if toward(port: port) <= others { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}
