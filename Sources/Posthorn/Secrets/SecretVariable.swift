/// Secrets in environment variables.
enum SecretVariable {
    static func read(_ name: String) throws -> Secret {
        guard let value = SettingsMachine.environmentVariable(name), !value.isEmpty else {
            throw MailError(.secretUnavailable, missing(name))
        }
        return Secret(value)
    }

    static func problem(_ name: String, _ machine: SettingsMachine) -> String? {
        guard let value = machine.variable(name), !value.isEmpty else { return missing(name) }
        return nil
    }

    private static func missing(_ name: String) -> String {
        "the environment variable \(SettingsText.shown(name)) is not set, or empty; set it before the program starts"
    }
}
