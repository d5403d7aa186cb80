import Posthorn

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

    /// Why a name given by an option cannot be that of a client; `nil` if it can. The name is that of a file as well.
    static func mistake(_ name: String?) -> String? {
        guard let name else { return nil }
        let isFit = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "-_.".unicodeScalars.contains($0)
        }
        guard !name.isEmpty, isFit, !name.hasPrefix("."), !name.contains(".."), name.utf8.count <= 200 else {
            return
                "'\(PeerText.shown(name, limit: 100))' is not a client's name: a host name such as planung-3 was expected, "
                + "of letters, digits, hyphens, underscores and dots."
        }
        return nil
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? "localhost" : name
    }
}
