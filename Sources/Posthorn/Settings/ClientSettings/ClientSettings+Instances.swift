public import Logging

extension ClientSettings {
    /// The transports and stores of a client, made and ready.
    public struct Instances: Sendable {
        /// The transports by name.
        public var outgoing: [String: any OutgoingTransport]
        /// The stores by name.
        public var incoming: [String: any IncomingStore]

        /// Creates instances.
        public init(outgoing: [String: any OutgoingTransport] = [:], incoming: [String: any IncomingStore] = [:]) {
            self.outgoing = outgoing
            self.incoming = incoming
        }
    }

    /// Makes all transports and stores, whether `use` names them or not. Never touches the network.
    ///
    /// - Warning: What is sent through a transport directly passes by the policies of these settings: neither
    ///   `redirect-all` nor `sender` nor `copy-to` is applied, and no Bcc is taken out. ``PosthornClient`` applies them.
    /// - Throws: everything that the plugins find wrong, each with the place of its account.
    public func instantiate(logger: Logger) throws(SettingsError) -> Instances {
        var instances = Instances()
        var issues: [SettingsIssue] = []
        for account in outgoing {
            do {
                instances.outgoing[account.name] = try account.makeTransport(client: client, logger: logger)
            } catch {
                issues += Self.issues(of: error, at: "outgoing.\(account.name)", account.origin)
            }
        }
        for account in incoming {
            do {
                instances.incoming[account.name] = try account.makeStore(client: client, logger: logger)
            } catch {
                issues += Self.issues(of: error, at: "incoming.\(account.name)", account.origin)
            }
        }
        guard issues.isEmpty else { throw SettingsError(issues) }
        return instances
    }

    private static func issues(
        of error: any Error,
        at path: String,
        _ origin: SettingsIssue.Origin?
    ) -> [SettingsIssue] {
        switch error {
        case let error as SettingsError:
            error.issues.map { SettingsIssue($0.message, path: $0.path ?? path, origin: $0.origin ?? origin) }
        case let error as MailError: [SettingsIssue(error.message, path: path, origin: origin)]
        default: [SettingsIssue(PeerText.shown("\(error)"), path: path, origin: origin)]
        }
    }
}
