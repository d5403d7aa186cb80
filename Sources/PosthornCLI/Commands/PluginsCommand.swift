import ArgumentParser
import Posthorn

/// `posthorn plugins`
struct PluginsCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "List the linked plugins and their settings.",
        discussion: "'posthorn settings reference' prints the same in full."
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        for plugin in try LinkedPlugins.registry().plugins {
            let page = PluginPage(plugin)
            console.emit(page.json)
            for line in page.lines { console.say(line) }
        }
        return ExitCodes.done
    }
}

/// What is told about one plugin.
private struct PluginPage {
    let plugin: any PosthornPlugin
    let directions: [(name: String, schema: SettingsSchema)]

    init(_ plugin: any PosthornPlugin) {
        self.plugin = plugin
        var directions: [(String, SettingsSchema)] = []
        if let plugin = plugin as? any OutgoingPlugin { directions.append(("outgoing", Self.schema(plugin))) }
        if let plugin = plugin as? any IncomingPlugin { directions.append(("incoming", Self.schema(plugin))) }
        self.directions = directions
    }

    private static func schema<Plugin: OutgoingPlugin>(_ plugin: Plugin) -> SettingsSchema { Plugin.Settings.schema }
    private static func schema<Plugin: IncomingPlugin>(_ plugin: Plugin) -> SettingsSchema {
        Plugin.StoreSettings.schema
    }

    var lines: [String] {
        var lines = ["\(plugin.identifier)  \(plugin.summary)"]
        for direction in directions {
            lines.append("  Settings below '\(direction.name)' (* must be given):")
            lines += Self.rows(direction.schema, indent: "    ")
        }
        return lines
    }

    private static func rows(_ schema: SettingsSchema, indent: String) -> [String] {
        schema.keys.flatMap { key -> [String] in
            let name = key.name + (key.isRequired ? "*" : "")
            let facts = key.typeName + Self.usual(key)
            let row = indent + name + String(repeating: " ", count: max(1, 16 - name.count)) + facts
            guard let nested = key.nested, key.typeName == "group" else { return [row] }
            return [row] + rows(nested, indent: indent + "  ")
        }
    }

    private static func usual(_ key: SettingsKeyDescription) -> String {
        guard let text = key.defaultText, !["", "[]", "{}"].contains(text) else { return "" }
        return ", default \(text)"
    }

    var json: JSONValue {
        [
            "identifier": .string(plugin.identifier), "summary": .string(plugin.summary),
            "settings": .object(
                Dictionary(
                    directions.map { ($0.name, Self.json($0.schema)) },
                    uniquingKeysWith: { first, _ in first }
                )
            ),
        ]
    }

    private static func json(_ schema: SettingsSchema) -> JSONValue {
        .array(
            schema.keys.map { key in
                [
                    "name": .string(key.name), "type": .string(key.typeName), "choices": .texts(key.choices),
                    "default": .text(key.defaultText), "required": .bool(key.isRequired),
                    "secret": .bool(key.isSecret), "help": .string(key.help), "example": .string(key.example),
                    "keys": key.nested.map(json) ?? .null,
                ]
            }
        )
    }
}
