import ArgumentParser
import Posthorn

/// `posthorn settings reference`
struct SettingsReferenceCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print the reference of all keys, in Markdown."
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        let text = SettingsReference.markdown(plugins: try LinkedPlugins.registry())
        console.emit(["markdown": .string(text)])
        if !console.isJSON { console.write(text) }
        return ExitCodes.done
    }
}
