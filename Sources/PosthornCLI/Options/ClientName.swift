#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The name of the running client (workstation), and where it comes from.
struct ClientName: Sendable {
    /// The name, and other forms of it that a file may be named by.
    let names: [String]
    /// Where it comes from, for people.
    let source: String

    /// The name by which a new file is made.
    var shortest: String { names.last ?? "client" }

    init(option: String?) {
        if let option {
            names = [option]
            source = "--client"
        } else if let variable = Environment["POSTHORN_CLIENT"] {
            names = [variable]
            source = "POSTHORN_CLIENT"
        } else {
            let host = Self.hostName
            let label = host.split(separator: ".").first.map(String.init) ?? host
            names = host == label ? [host] : [host, label]
            source = "the name of this computer"
        }
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? "localhost" : name
    }
}
