/// The reference page of the settings, made of the descriptions that also read them.
public enum SettingsReference {
    /// The page in Markdown: a table for each group of keys.
    public static func markdown(plugins: PluginRegistry) -> String {
        var page = "# Settings\n\n"
        page += "Made from the descriptions that the program itself reads settings with.\n"
        page += section("## The file", RootKeys(plugins).schema, path: "")
        for plugin in plugins.outgoing {
            page += "\n## Outgoing: `\(plugin.identifier)`\n\n\(plugin.summary)\n"
            page += section(nil, AccountSchemas.outgoing(plugin), path: "outgoing.\(plugin.identifier)")
        }
        for plugin in plugins.incoming {
            page += "\n## Incoming: `\(plugin.identifier)`\n\n\(plugin.summary)\n"
            page += section(nil, AccountSchemas.incoming(plugin), path: "incoming.\(plugin.identifier)")
        }
        return page
    }

    /// A table of keys, followed by those of the groups among them.
    private static func section(_ heading: String?, _ schema: SettingsSchema, path: String) -> String {
        var text = heading.map { "\n\($0)\n" } ?? ""
        guard !schema.keys.isEmpty else { return text + "\nThere is nothing to set.\n" }
        text += "\n| Key | Type | Default | Required | Help |\n|---|---|---|---|---|\n"
        for key in schema.keys {
            let cells = [
                "`\(key.name)`",
                cell(key.typeName),
                key.defaultText.map { $0.isEmpty ? "" : "`\(cell($0))`" } ?? "",
                key.isRequired ? "yes" : "no",
                cell(key.help) + (key.example.isEmpty ? "" : " Example: `\(cell(key.example))`"),
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        for key in schema.keys {
            guard let nested = key.nested else { continue }
            let isNamed = key.typeName.hasPrefix("names")
            let below = (path.isEmpty ? key.name : "\(path).\(key.name)") + (isNamed ? ".NAME" : "")
            text += section("### `\(below)`", nested, path: below)
        }
        return text
    }

    private static func cell(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").split(
            separator: "|",
            omittingEmptySubsequences: false
        )
        .joined(separator: "\\|")
    }
}
