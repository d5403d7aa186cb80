public import Logging

/// The client object of a host program: it knows this workstation's settings, and sends and fetches by them.
///
/// ```swift
/// let mail = try await PosthornClient(settings: .file("posthorn.yaml"), plugins: [.smtp])
/// let receipt = try await mail.send(message, for: "order")
/// ```
/// The program says what is sent and for which of its functions. Which way it goes is the settings file's
/// business. A client object may be shared by all tasks of a program; it needs no background task, and
/// ``close()`` is a courtesy to servers, not a duty.
public final class PosthornClient: Sendable {
    /// The settings of this workstation.
    public let settings: ClientSettings

    private let transports: [String: any OutgoingTransport]
    private let stores: [String: any IncomingStore]
    private let logger: Logger

    /// Reads the settings and makes every transport and store that they configure. Touches no network.
    ///
    /// - Parameters:
    ///   - settings: the file of this workstation.
    ///   - plugins: the plugins that the settings may name.
    ///   - client: the name of the running workstation, if the host knows better than `POSTHORN_CLIENT` and the
    ///     host name.
    ///   - logger: where to write what happens. By default nothing is written.
    /// - Throws: ``SettingsError`` with all mistakes at once.
    public init(
        settings: SettingsFile,
        plugins: [any PosthornPlugin],
        client: String? = nil,
        logger: Logger = Logger(label: "posthorn", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws {
        let loaded = try settings.load(plugins: PluginRegistry(plugins), runningClient: client)
        let made = try loaded.instantiate(logger: logger)
        self.settings = loaded
        self.logger = logger
        transports = made.outgoing
        stores = made.incoming
    }

    /// Sends a message on the way that the settings name for a function of the program.
    ///
    /// If the settings list several transports, the next is tried only if the one before *certainly did not take*
    /// the message. The Message-ID is the same over all tries.
    ///
    /// - Parameters:
    ///   - message: what is sent.
    ///   - function: for which function of the program; one that the settings do not list goes the default way.
    ///   - options: wishes and requirements.
    ///   - progress: hears how many octets have been handed over. It starts again with every transport that is tried.
    /// - Returns: the receipt. Look at ``SendReceipt/failedRecipients``: some may have been refused.
    /// - Throws: ``MailError``. Its ``MailError/certainty`` tells whether the message may have been taken all the same.
    ///   A cancelled task gets the code `cancelled`.
    public func send(
        _ message: some MailMessage,
        for function: String? = nil,
        options: SendOptions = SendOptions(),
        progress: TransferProgress? = nil
    ) async throws -> SendReceipt {
        let route = try settings.route(for: function)
        let outgoing = try await prepare(message, route)
        let request = outgoing.request(options, progress)
        return outgoing.completed(try await send(request, by: route.transports), messageID: request.messageID)
    }

    /// Builds the message, and reads what must be read of it before anybody is contacted.
    func prepare(_ message: some MailMessage, _ route: OutgoingRoute) async throws -> OutgoingPolicy.Result {
        let context = MessageContext(defaultSender: route.sender?.mailbox, clientName: settings.client)
        let prepared = try await telling(.invalidMessage, "the message could not be made") {
            try await message.prepare(context)
        }
        let outgoing = try OutgoingPolicy(route: route, redirectAll: settings.redirectAll).apply(to: prepared)
        // Whatever cannot be read is told before anybody is contacted.
        _ = try await telling(.contentUnavailable, "the content of the message could not be read") {
            try await outgoing.message.content.facts(for: .sevenBit)
        }
        return outgoing
    }

    /// Makes a ``MailError`` of what the host's own code throws; of a foreign error, the text tells the type alone.
    private func telling<Result>(
        _ code: MailError.Code,
        _ what: String,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as MailError {
            throw error
        } catch let error as CancellationError {
            throw MailError(.cancelled, "sending was cancelled before anything was sent", cause: error)
        } catch {
            throw MailError(
                code,
                "\(what): its own code failed (\(MailError.typeName(of: error))); nothing was sent",
                cause: error
            )
        }
    }

    /// Tries the transports in order until one takes the message, or may have taken it.
    private func send(_ request: SendRequest, by names: [String]) async throws -> SendReceipt {
        var failed: [SendReceipt.FailedAttempt] = []
        for name in names {
            let transport = try transport(name)
            guard !Task.isCancelled else {
                throw MailError(.cancelled, "sending was cancelled before '\(name)' was tried; nobody has the message")
            }
            do {
                var receipt = try await transport.send(request)
                receipt.transport = name
                receipt.failedAttempts = failed
                tellTaken(request, by: name)
                return receipt
            } catch {
                let error = MailError.ofTransport(name, error)
                tellFailed(request, by: name, error)
                failed.append(.init(transport: name, error: error))
                guard mayTryNext(request, after: error) else { break }
            }
        }
        throw MailError.ofAttempts(failed, allOf: names)
    }

    /// Whether another transport may be tried after an error of one.
    func mayTryNext(_ request: SendRequest, after error: MailError) -> Bool {
        error.certainty == .notTaken && error.code != .cancelled && error.code != .cancelledByUser
            && request.content.isReplayable && !Task.isCancelled
    }

    /// Logs a message that was taken.
    func tellTaken(_ request: SendRequest, by name: String) {
        logger.info("message taken", metadata: ["transport": "\(name)", "message-id": "\(request.messageID)"])
    }

    /// Logs a message that was not taken, or may have been.
    func tellFailed(_ request: SendRequest, by name: String, _ error: MailError) {
        logger.warning(
            "message not sent",
            metadata: [
                "transport": "\(name)", "message-id": "\(request.messageID)", "code": "\(error.code)",
                "certainty": "\(error.certainty)", "reason": "\(error.message)",
            ]
        )
    }

    /// The transport with a name of the settings file, to ask it for what it can do.
    ///
    /// - Warning: What is sent through it directly passes by the policies of the settings: neither `redirect-all` nor
    ///   `sender` nor `copy-to` is applied, and no Bcc is taken out. Send with ``send(_:for:options:progress:)``.
    ///
    /// - Throws: ``MailError`` with code `not-found` if the settings configure none of that name.
    public func transport(_ name: String) throws -> any OutgoingTransport {
        guard let transport = transports[name] else {
            throw MailError.notConfigured("transport", name, settings.outgoing.map(\.name))
        }
        return transport
    }

    /// The transport with a name of the settings file, as its own type. The warning of ``transport(_:)`` holds here, too.
    ///
    /// - Throws: ``MailError`` with code `misuse` if it is of another type.
    public func transport<Transport>(_ name: String, as type: Transport.Type) throws -> Transport {
        let found = try transport(name)
        guard let typed = found as? Transport else {
            throw MailError.ofOtherType("transport", name, found, type)
        }
        return typed
    }

    /// The store with a name of the settings file; without a name, the one that `use.incoming` names.
    ///
    /// - Throws: ``MailError`` with code `not-found` if the settings configure none.
    public func store(_ name: String? = nil) throws -> any IncomingStore {
        guard let wanted = name ?? settings.defaultIncoming else {
            throw MailError(
                .notFound,
                "the settings of client '\(settings.client)' choose no store; add `use: { incoming: … }`"
            )
        }
        guard let store = stores[wanted] else {
            throw MailError.notConfigured("store", wanted, settings.incoming.map(\.name))
        }
        return store
    }

    /// The store with a name of the settings file, as its own type.
    ///
    /// - Throws: ``MailError`` with code `misuse` if it is of another type.
    public func store<Store>(_ name: String, as type: Store.Type) throws -> Store {
        let found = try store(name)
        guard let typed = found as? Store else {
            throw MailError.ofOtherType("store", name, found, type)
        }
        return typed
    }

    /// The store that the settings name for a function of the program.
    public func store(for function: String) throws -> any IncomingStore {
        try store(settings.functions[function]?.incoming ?? settings.defaultIncoming)
    }

    /// Ends idle connections. The client may be used again afterwards.
    public func close() async {
        for transport in transports.values { await transport.close() }
        for store in stores.values { await store.close() }
    }
}
