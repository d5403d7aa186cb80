import Foundation
import Testing

@testable import Posthorn

/// A directory that is gone after the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/posthorn-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

let fakePlugins = Result { try PluginRegistry([FakeSMTP(), FakeOutlook(), FakePOP3()]) }

let testMachine = SettingsMachine(
    variable: {
        ["SMTP_PASSWORD": "PosthornSecretCanary", "HOME": "/home/test", "EMPTY": "", "PATH": "/usr/bin:/bin"][$0]
    },
    hostName: "planung-3.kuechen.example"
)

/// Loads a text as the file `planung-3.yaml`.
func load(_ text: String, directory: String = "/nowhere", running: String? = nil) throws -> ClientSettings {
    try SettingsFile.text(text, name: "planung-3.yaml", directory: directory)
        .load(plugins: try fakePlugins.get(), runningClient: running, machine: testMachine)
}

func load(_ file: SettingsFile, running: String? = nil) throws -> ClientSettings {
    try file.load(plugins: try fakePlugins.get(), runningClient: running, machine: testMachine)
}

/// The messages of a load that fails; empty if it does not fail.
func complaints(_ body: () throws -> ClientSettings) -> [String] {
    do {
        _ = try body()
        return []
    } catch let error as SettingsError {
        return error.issues.map(\.description)
    } catch {
        return ["not a SettingsError: \(error)"]
    }
}

/// The message of the only wrong key `value` of the given type.
func complaint<Value: Sendable>(_ type: SettingsType<Value>, _ text: String) -> String? {
    switch read(type, text) {
    case .success: nil
    case .failure(let error): error.issues.map(\.message).joined(separator: "\n")
    }
}

/// A value of the given type.
func value<Value: Sendable>(_ type: SettingsType<Value>, _ text: String) throws -> Value {
    try read(type, text).get()
}

private func read<Value: Sendable>(_ type: SettingsType<Value>, _ text: String) -> Result<Value, SettingsError> {
    let source = SettingsSource(name: "f.yaml", directory: "/conf", privacy: .closed)
    let (root, problems) = YAMLTree.read("value: \(text)\n", source: source)
    guard let root, problems.isEmpty else { return .failure(SettingsError(problems)) }
    let key = SettingsKey("value", type, help: "")
    var reader = SettingsReader(machine: testMachine)
    let place = SettingsGroupPlace(path: "", origin: nil, file: source)
    guard let values = reader.readValues(SettingsSchema(key), root.pairs, place) else {
        return .failure(SettingsError(reader.issues))
    }
    do {
        return .success(try values[key])
    } catch {
        return .failure(SettingsError("\(error)"))
    }
}
