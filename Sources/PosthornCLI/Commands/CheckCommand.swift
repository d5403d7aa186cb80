import ArgumentParser
import Posthorn
import Synchronization

/// `posthorn check`
struct CheckCommand: Tool {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the settings, and step by step every server that they name.",
        discussion: """
            Nothing is sent, unless --send-test is given. Exit code 0 means that no step failed; otherwise it is \
            that of the first failure: 78 settings, 69 server not reached, 75 refused for now, 76 TLS or \
            protocol, 77 sign-in or sender refused.
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Send a short message to this address by every transport that passes (to 'redirect-all' if the settings "
                + "have one).",
            valueName: "address"
        )
    )
    var sendTest: String?

    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(on console: Console) async throws -> ExitCode {
        let recipient = try sendTest.map { try Mailbox($0).address }
        let report = CheckReport(console)
        let mail: PosthornClient
        do {
            mail = try await settings.makeClient(output, on: console)
        } catch let error as SettingsError {
            report.begin("settings")
            report.add(
                DiagnosisStep(
                    name: "settings",
                    verdict: .failed,
                    finding: Failure(error).lines.joined(separator: "\n"),
                    duration: .zero
                )
            )
            return ExitCodes.settings
        }
        report.begin("settings")
        report.add(settingsStep(mail.settings))
        for account in mail.settings.outgoing {
            try Task.checkCancellation()
            report.begin(account.name, "outgoing, plugin \(account.plugin.identifier)")
            let transport = try mail.transport(account.name)
            await report.run(transport.interface(.diagnosis), DiagnosisRequest(sender: sender(mail.settings)))
            if let recipient, report.passed {
                let (step, code) = try await TestMessage(mail.settings, to: recipient).send(
                    by: transport,
                    named: account.name
                )
                report.add(step, code: code)
            }
        }
        for account in mail.settings.incoming {
            try Task.checkCancellation()
            report.begin(account.name, "incoming, plugin \(account.plugin.identifier)")
            await report.run(try mail.store(account.name).interface(.diagnosis), DiagnosisRequest())
        }
        await mail.close()
        try Task.checkCancellation()
        let needsSender = !mail.settings.outgoing.isEmpty && mail.settings.sender == nil
        return report.finish(needsSender: needsSender)
    }

    private func sender(_ settings: ClientSettings) -> EmailAddress? { settings.sender?.mailbox.address }

    private func settingsStep(_ settings: ClientSettings) -> DiagnosisStep {
        let accounts = settings.outgoing.map(\.name) + settings.incoming.map(\.name)
        let files = settings.files.map { PeerText.shown($0) }.joined(separator: ", which extends ")
        let choosesNothing = settings.defaultOutgoing.isEmpty && settings.defaultIncoming == nil
        var advice: [String] = []
        if let address = settings.redirectAll {
            advice.append("test system: every message goes to \(address) alone ('redirect-all')")
        }
        if accounts.isEmpty {
            advice.append("no transport and no store is configured; add one under 'outgoing'")
        } else if choosesNothing {
            advice.append("nothing is chosen; add 'use: { outgoing: \(accounts[0]) }'")
        }
        return DiagnosisStep(
            name: "read",
            verdict: advice.isEmpty ? .ok : .warning,
            finding: "\(files), for the client \(PeerText.shown(settings.client))",
            advice: advice.isEmpty ? nil : advice.joined(separator: "\n"),
            duration: .zero
        )
    }
}

/// Shows the steps as they end, and remembers the first failure.
private final class CheckReport: Sendable {
    private struct State: Sendable {
        var subject = ""
        var hasFailed = false
        var code = ExitCodes.done
        var failures = 0
        var warnings = 0
    }

    private let console: Console
    private let state = Mutex(State())

    init(_ console: Console) {
        self.console = console
    }

    /// Whether no step of the present subject failed.
    var passed: Bool { state.withLock { !$0.hasFailed } }

    /// The steps that follow are about this.
    func begin(_ subject: String, _ explanation: String? = nil) {
        state.withLock {
            $0.subject = subject
            $0.hasFailed = false
        }
        console.say(subject + (explanation.map { " (\($0))" } ?? ""))
    }

    /// Runs a diagnosis.
    func run(_ diagnosis: (any Diagnosing)?, _ request: DiagnosisRequest) async {
        guard let diagnosis else {
            add(
                DiagnosisStep(
                    name: "diagnosis",
                    verdict: .ok,
                    finding: "this plugin has nothing that could be checked without sending",
                    duration: .zero
                )
            )
            return
        }
        var request = request
        request.onStep = { [self] in add($0) }
        _ = await diagnosis.diagnose(request)
    }

    /// - Parameter code: the exit code, if more is known than the step tells.
    func add(_ step: DiagnosisStep, code: ExitCode? = nil) {
        // An interrupted step has found nothing out.
        if step.verdict == .failed, Task.isCancelled { return }
        let subject = state.withLock { state in
            if step.verdict == .warning { state.warnings += 1 }
            if step.verdict == .failed {
                state.hasFailed = true
                state.failures += 1
                if state.code == ExitCodes.done { state.code = code ?? ExitCodes.code(forFailed: step) }
            }
            return state.subject
        }
        console.emit([
            "subject": .string(subject), "step": .string(step.name), "verdict": .string(step.verdict.description),
            "finding": .string(step.finding), "advice": .text(step.advice),
            "seconds": .decimal((step.duration / .seconds(1) * 1_000).rounded() / 1_000),
        ])
        for line in lines(step) { console.say(line) }
    }

    private func lines(_ step: DiagnosisStep) -> [String] {
        let terminal = console.output
        let mark =
            step.verdict == .ok ? terminal.good : step.verdict == .failed ? terminal.bad : terminal.warning
        let name = step.name + String(repeating: " ", count: max(1, 14 - step.name.count))
        let indent = String(repeating: " ", count: 2 + mark.count + 1 + name.count)
        let milliseconds = Int(step.duration / .milliseconds(1))
        let time = milliseconds > 0 ? "  (\(milliseconds) ms)" : ""
        var step = step
        // The last semicolon of a sentence that quotes the server may be the server's.
        if step.verdict == .failed, step.advice == nil, !step.finding.contains("\n"),
            ServerWords.replyCode(in: step.finding) == nil
        {
            (step.finding, step.advice) = Advice.split(step.finding)
        }
        let finding = step.finding.split(separator: "\n").joined(separator: "\n\(indent)")
        let advice = (step.advice ?? "").split(separator: "\n").map { "\(indent)-> \($0)" }
        return ["  \(mark) \(name)\(finding)\(time)"] + advice
    }

    /// The last line, and the exit code.
    func finish(needsSender: Bool) -> ExitCode {
        let (failures, warnings, code) = state.withLock { ($0.failures, $0.warnings, $0.code) }
        let looks = warnings == 1 ? "1 thing to look at" : "\(warnings) things to look at"
        switch (failures, warnings) {
        case (0, _) where needsSender:
            console.say("It answers, but `send` needs --from: no 'sender' is set.")
        case (0, 0): console.say("All is well.")
        case (0, _): console.say("It works; \(looks).")
        case (1, _): console.say("1 step failed.")
        default: console.say("\(failures) steps failed.")
        }
        return code
    }
}
