public import Posthorn
import PosthornNet

extension SMTPTransport: Diagnosing {
    /// Checks connection, TLS, greeting, capabilities, sign-in and a dry run (MAIL FROM, then RSET), in this order.
    public func diagnose(_ request: DiagnosisRequest) async -> [DiagnosisStep] {
        var report = DiagnosisReport(onStep: request.onStep)
        do {
            let session = try await diagnoseConnection(&report)
            defer { session.connection.abort() }
            try await diagnoseSession(session, &report)
            try await diagnoseSignIn(session, &report)
            try await diagnoseSender(request.sender, session, &report)
            await session.quit()
        } catch {
            // The step that failed is in the report already.
        }
        return report.steps
    }

    private func diagnoseConnection(_ report: inout DiagnosisReport) async throws -> SMTPSession {
        let connection: Connection
        do {
            // The handshake is a step of its own.
            connection = try await dialer.connect(deferringTLS: true)
            let address = connection.info.peerAddress.map { " (\($0))" } ?? ""
            report.add("connect", .ok, "connected to \(settings.net.endpoint)\(address)")
        } catch {
            let error = named(error)
            report.add("connect", failed: error)
            throw error
        }
        guard settings.net.security == .tls else { return makeSession(connection) }
        do {
            try await connection.startTLS()
            report.addEncryption(connection.encryption)
            return makeSession(connection)
        } catch {
            connection.abort()
            let error = named(error)
            report.add("tls", failed: error)
            throw error
        }
    }

    private func diagnoseSession(_ session: SMTPSession, _ report: inout DiagnosisReport) async throws {
        var greeting: SMTPReply?
        do {
            try await session.introduce { greeting = $0 }
        } catch {
            let error = named(error)
            if let greeting, greeting.code == 220 { report.add("greeting", .ok, "the server says: \(greeting.value)") }
            let isAboutTLS = error.code == .tlsFailed || error.code == .encryptionUnavailable
            report.add(isAboutTLS ? "tls" : greeting == nil ? "greeting" : "capabilities", failed: error)
            throw error
        }
        if let greeting { report.add("greeting", .ok, "the server says: \(greeting.value)") }
        if settings.net.security == .startTLS { report.addEncryption(session.connection.encryption) }
        let summary = session.capabilities.summary
        report.add("capabilities", .ok, summary.isEmpty ? "the server offers no extensions" : "it offers \(summary)")
    }

    private func diagnoseSignIn(_ session: SMTPSession, _ report: inout DiagnosisReport) async throws {
        do {
            if let mechanism = try await session.signIn(dialer) {
                report.add("sign-in", .ok, "signed in by \(mechanism)")
            } else if settings.role == .submission, !settings.isLMTP {
                report.add(
                    "sign-in",
                    .warning,
                    "no sign-in is configured",
                    advice: "set `username` and `password`, unless the server knows this client by its address"
                )
            } else {
                report.add("sign-in", .ok, "no sign-in is configured")
            }
        } catch {
            let error = named(error)
            report.add("sign-in", failed: error)
            throw error
        }
    }

    private func diagnoseSender(
        _ sender: EmailAddress?,
        _ session: SMTPSession,
        _ report: inout DiagnosisReport
    ) async throws {
        guard let sender else {
            report.add(
                "dry-run",
                .warning,
                "no sender is configured, so it was not tried whether the server takes one",
                advice: "set `sender`"
            )
            return
        }
        do {
            let path = try sender.withASCIIDomain().wireText
            let reply = try await session.ask(
                .line("MAIL FROM:<\(path)>" + (sender.needsUTF8 ? " SMTPUTF8" : "")),
                about: "MAIL FROM"
            )
            guard reply.isPositive else {
                report.add(
                    "dry-run",
                    .failed,
                    "the server refuses the sender \(sender)\(reply.isTransient ? " for now" : ""): \(reply.value)",
                    advice: reply.isTransient
                        ? "try again later" : "set `sender` to an address that this account may use"
                )
                return
            }
            _ = try await session.ask(.line("RSET"), about: "RSET")
            report.add("dry-run", .ok, "the server takes mail from \(sender); nothing was sent")
        } catch {
            let error = named(error)
            report.add("dry-run", failed: error)
            throw error
        }
    }
}
