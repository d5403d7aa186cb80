extension PosthornClient {
    /// How many messages are prepared and handed to a transport at a time: enough that a connection never runs dry,
    /// few enough that the memory does not hold them all.
    static let batchSize = 100

    /// Sends many messages on the way that the settings name for a function of the program, each with an outcome of its
    /// own.
    ///
    /// What becomes of one message never touches another: a refused recipient, sender or text, and a connection that
    /// breaks, are told for each message. A transport that can has many messages under way on one connection; they may
    /// leave in another order. If the settings list several transports, the next gets exactly those messages that
    /// *certainly were not taken*.
    ///
    /// When the task is cancelled, every message still gets its outcome: what was taken before stays taken.
    ///
    /// - Parameters:
    ///   - messages: what is sent. They are built as their turn comes, not all at once.
    ///   - function: for which function of the program; one that the settings do not list goes the default way.
    ///   - options: wishes and requirements, for each message.
    ///   - observer: hears every outcome as soon as it is final; what to store in order to resume after a crash.
    /// - Returns: one outcome for each message, in their order.
    /// - Throws: ``MailError`` with code `not-found` if the settings choose no transport for the function.
    public func send(
        batch messages: [any MailMessage],
        for function: String? = nil,
        options: SendOptions = SendOptions(),
        observer: BatchObserver? = nil
    ) async throws -> [SendOutcome] {
        let route = try settings.route(for: function)
        for name in route.transports { _ = try transport(name) }
        let work = BatchWork(client: self, messages: messages, route: route, options: options, observer: observer)
        return await work.run()
    }
}

/// One call of ``PosthornClient/send(batch:for:options:observer:)``.
struct BatchWork: Sendable {
    let client: PosthornClient
    let messages: [any MailMessage]
    let route: OutgoingRoute
    let options: SendOptions
    let observer: BatchObserver?

    /// Two parts are under way at once: while the last replies to one come, the next is on its way already.
    func run() async -> [SendOutcome] {
        let size = PosthornClient.batchSize
        let parts = stride(from: 0, to: messages.count, by: size).map { $0..<min($0 + size, messages.count) }
        if parts.count <= 1 { return await send(0..<messages.count) }
        return await withTaskGroup(of: (Int, [SendOutcome]).self) { group in
            var outcomes = [[SendOutcome]](repeating: [], count: parts.count)
            var next = 0
            func add() {
                guard next < parts.count else { return }
                let number = next
                next += 1
                group.addTask { (number, await send(parts[number])) }
            }
            add()
            add()
            while let (number, part) = await group.next() {
                outcomes[number] = part
                add()
            }
            return outcomes.flatMap { $0 }
        }
    }

    /// Sends a part of the messages by the first transport, and what it did not take by the next.
    private func send(_ part: Range<Int>) async -> [SendOutcome] {
        let results = BatchResults(count: part.count, first: part.lowerBound, observer: observer)
        for (place, index) in part.enumerated() {
            guard !Task.isCancelled else {
                results.settle(place, .failure(.cancelledBeforeItsTurn()))
                continue
            }
            do {
                results.prepared(place, try await client.prepare(messages[index], route), options)
            } catch {
                results.settle(place, .failure(.ofTransport(nil, error)))
            }
        }
        for (round, name) in route.transports.enumerated() {
            let open = results.open
            guard !open.isEmpty, let transport = try? client.transport(name) else { break }
            await send(open, of: results, by: transport, round)
        }
        results.settleOpen(allOf: route.transports)
        return results.outcomes
    }

    private func send(
        _ open: [BatchResults.Open],
        of results: BatchResults,
        by transport: any OutgoingTransport,
        _ round: Int
    ) async {
        let names = route.transports
        let name = names[round]
        /// Takes the outcome of a message, the first time that it is told.
        @Sendable func take(_ number: Int, _ outcome: SendOutcome) {
            guard open.indices.contains(number) else { return }
            let request = open[number].request
            switch outcome {
            case .success(let receipt):
                if results.succeed(open[number].place, receipt, round: round, by: name) {
                    client.tellTaken(request, by: name)
                }
            case .failure(let error):
                let error = MailError.ofTransport(name, error)
                let isFinal = round + 1 == names.count || !client.mayTryNext(request, after: error)
                let attempt = SendReceipt.FailedAttempt(transport: name, error: error)
                if results.fail(open[number].place, attempt, round: round, isFinal: isFinal, allOf: names) {
                    client.tellFailed(request, by: name, error)
                }
            }
        }
        let outcomes = await transport.send(SendBatch(open.map(\.request), observer: BatchObserver(take)))
        // For a transport that does not tell them as they come. One that gives too few says nothing about the others.
        for number in open.indices {
            take(number, outcomes.indices.contains(number) ? outcomes[number] : .failure(.withoutOutcome()))
        }
    }
}
