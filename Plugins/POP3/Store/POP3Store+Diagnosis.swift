public import Posthorn
import PosthornNet

extension POP3Store: Diagnosing {
    /// Checks connection, TLS, greeting, capabilities, sign-in and, as a dry run, the list of messages, in this order.
    /// Nothing is fetched or deleted.
    public func diagnose(_ request: DiagnosisRequest) async -> [DiagnosisStep] {
        var report = DiagnosisReport(onStep: request.onStep)
        do {
            let line = try await diagnoseConnection(&report)
            defer { line.connection.abort() }
            let timestamp = try await diagnoseGreeting(line, &report)
            try await diagnoseSignIn(line, timestamp, &report)
            try await diagnoseMaildrop(line, &report)
            await line.sayGoodbye()
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
            let error = named(error)
            report.add(name, failed: error)
            throw error
        }
    }

    private func diagnoseConnection(_ report: inout DiagnosisReport) async throws -> POP3Line {
        // The handshake is a step of its own.
        let connection = try await step("connect", &report) { try await dialer.connect(deferringTLS: true) }
        let address = connection.info.peerAddress.map { " (\($0))" } ?? ""
        report.add("connect", .ok, "connected to \(settings.net.endpoint)\(address)")
        if settings.net.security == .tls {
            do {
                try await step("tls", &report) { try await connection.startTLS() }
            } catch {
                connection.abort()
                throw error
            }
            report.addEncryption(connection.encryption)
        }
        return POP3Line(connection)
    }

    private func diagnoseGreeting(_ line: POP3Line, _ report: inout DiagnosisReport) async throws -> [UInt8]? {
        var greeting: POP3Reply?
        let timestamp: [UInt8]?
        do {
            timestamp = try await line.introduce(settings) { greeting = $0 }
        } catch {
            let error = named(error)
            if let greeting, greeting.isPositive {
                report.add("greeting", .ok, "the server says: \(greeting.value)")
            }
            let isAboutTLS = error.code == .tlsFailed || error.code == .encryptionUnavailable
            let isGreeted = greeting?.isPositive == true
            report.add(isAboutTLS ? "tls" : isGreeted ? "capabilities" : "greeting", failed: error)
            throw error
        }
        if let greeting { report.add("greeting", .ok, "the server says: \(greeting.value)") }
        if settings.net.security == .startTLS { report.addEncryption(line.connection.encryption) }
        diagnoseCapabilities(line.capabilities, &report)
        return timestamp
    }

    private func diagnoseCapabilities(_ capabilities: POP3Capabilities, _ report: inout DiagnosisReport) {
        let summary = capabilities.summary
        var finding = summary.isEmpty ? "the server announces no capabilities" : "it offers \(summary)"
        if let delay = capabilities.loginDelay { finding += "; it wants \(delay) between two sign-ins" }
        if settings.fetchPolicy.keepOnServer != FetchPolicy.Keeping.no, let days = capabilities.expiry?.days {
            report.add(
                "capabilities",
                .warning,
                "\(finding); it deletes messages by itself after \(days == 1 ? "1 day" : "\(days) days")",
                advice: "fetch at least as often as that, or ask the server's operator to keep them longer"
            )
        } else {
            report.add("capabilities", .ok, finding)
        }
    }

    private func diagnoseSignIn(
        _ line: POP3Line,
        _ timestamp: [UInt8]?,
        _ report: inout DiagnosisReport
    ) async throws {
        let way = try await step("sign-in", &report) { try await signIn(line, timestamp: timestamp) }
        report.add("sign-in", .ok, "signed in by \(way == "USER" ? "USER and PASS" : way)")
    }

    private func diagnoseMaildrop(_ line: POP3Line, _ report: inout DiagnosisReport) async throws {
        let list = try await step("dry-run", &report) { try await line.list() }
        let octets = list.reduce(UInt64(0)) { $0.addingReportingOverflow($1.size).partialValue }
        let finding =
            "the mailbox holds \(list.count == 1 ? "1 message" : "\(list.count) messages") (\(octets) octets); nothing was "
            + "fetched or deleted"
        guard list.allSatisfy(\.isLasting) else {
            return report.add(
                "dry-run",
                .warning,
                "\(finding); the server gives \(list.contains { $0.isLasting } ? "some of them" : "them") no lasting names "
                    + "(UIDL), so that every round reads what is kept on the server",
                advice: "set `keep-on-server: no`, or use IMAP"
            )
        }
        report.add("dry-run", .ok, finding)
    }
}
