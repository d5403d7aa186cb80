#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a settings file is checked against: the environment of the process and the name of the machine.
struct SettingsMachine: Sendable {
    /// An environment variable.
    var variable: @Sendable (String) -> String?
    /// The name of the machine.
    var hostName: String

    /// The home directory of the user.
    var homeDirectory: String? {
        variable("HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// The machine and the process as they are.
    static var current: SettingsMachine {
        SettingsMachine(variable: { Self.environmentVariable($0) }, hostName: currentHostName())
    }

    static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func currentHostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
