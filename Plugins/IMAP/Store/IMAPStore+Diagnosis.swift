public import Posthorn
import PosthornNet

extension IMAPStore: Diagnosing {
    /// Checks connection, TLS, greeting, capabilities, sign-in and, as a dry run, the inbox, in this order. Nothing is
    /// changed.
    public func diagnose(_ request: DiagnosisRequest) async -> [DiagnosisStep] {
        var report = DiagnosisReport(onStep: request.onStep)
        do {
            let line = try await diagnoseConnection(&report)
            defer { line.connection.abort() }
            let isSignedIn = try await diagnoseGreeting(line, &report)
            try await diagnoseSignIn(line, isSignedIn, &report)
            try await diagnoseInbox(line, &report)
            await line.logout()
        } catch {
            // The step that failed is in the report already.
        }
        return report.steps
    }

    private func step<Result>(
        _ name: String,
        _ report: inout DiagnosisReport,
        _ work: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await work()
        } catch {
            report.add(name, failed: failure(error))
            throw error
        }
    }

    private func failure(_ error: any Error) -> MailError {
        named(error) as? MailError
            ?? MailError(
                .connectionFailed,
                "the work with \(settings.net.endpoint) failed on this computer (\(MailError.typeName(of: error)))",
                cause: error
            )
    }

    private func diagnoseConnection(_ report: inout DiagnosisReport) async throws -> IMAPLine {
        // The handshake is a step of its own.
        let line = try await step("connect", &report) { try await connect(deferringTLS: true) }
        let address = line.connection.info.peerAddress.map { " (\($0))" } ?? ""
        report.add("connect", .ok, "connected to \(settings.net.endpoint)\(address)")
        if settings.net.security == .tls {
            do {
                try await step("tls", &report) { try await line.connection.startTLS() }
            } catch {
                line.connection.abort()
                throw error
            }
            report.addEncryption(line.connection.encryption)
        }
        return line
    }

    private func diagnoseGreeting(_ line: IMAPLine, _ report: inout DiagnosisReport) async throws -> Bool {
        var greeting: IMAPStatus?
        let isSignedIn: Bool
        do {
            isSignedIn = try await line.introduce(settings) { greeting = $0 }
        } catch {
            let error = failure(error)
            let isGreeted = greeting.map { $0.kind != .bye } ?? false
            if let greeting, isGreeted {
                report.add("greeting", .ok, "the server says: \(PeerText.shown(greeting.text, limit: 300))")
            }
            let isAboutTLS = error.code == .tlsFailed || error.code == .encryptionUnavailable
            report.add(isAboutTLS ? "tls" : isGreeted ? "capabilities" : "greeting", failed: error)
            throw error
        }
        if let greeting { report.add("greeting", .ok, "the server says: \(PeerText.shown(greeting.text, limit: 300))") }
        if settings.net.security == .startTLS { report.addEncryption(line.connection.encryption) }
        return isSignedIn
    }

    private func diagnoseSignIn(
        _ line: IMAPLine,
        _ isSignedIn: Bool,
        _ report: inout DiagnosisReport
    ) async throws {
        if isSignedIn {
            report.add("sign-in", .ok, "the server takes this computer for signed in (PREAUTH)")
        } else {
            let way = try await step("sign-in", &report) { try await signIn(line) }
            report.add("sign-in", .ok, "signed in by \(way)")
        }
        // What is offered after the sign-in is what counts.
        report.add("capabilities", .ok, "it offers \(line.capabilities.summary)")
    }

    private func diagnoseInbox(_ line: IMAPLine, _ report: inout DiagnosisReport) async throws {
        var found: IMAPMailboxStatus?
        _ = try await step("dry-run", &report) {
            try await line.run(.status(.inbox, [.messages, .unseen, .uidValidity])) { response in
                if case .mailboxStatus(let status) = response { found = status }
            }
        }
        let count = found?.messages ?? 0
        report.add(
            "dry-run",
            .ok,
            "the inbox holds \(count == 1 ? "1 message" : "\(count) messages"), \(found?.unseen ?? 0) of them unread; nothing "
                + "was changed"
        )
    }
}
