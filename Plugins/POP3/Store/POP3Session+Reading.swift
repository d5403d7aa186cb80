public import Posthorn
import PosthornNet

extension POP3Session {
    /// As much may be on its way beside the message that is being read: what the caller does not want any more must be
    /// read all the same.
    private static let octetsInFlight: UInt64 = 4 << 20

    /// Reads messages one after the other; many are asked for before the first has come, if the server has PIPELINING.
    ///
    /// If `body` throws, what was asked for already is read and thrown away (at most 4 MiB and the rest of one message),
    /// and the session can be used further.
    public func readEach(
        _ ids: [StoredMessage.ID],
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        try await used {
            _ = try await list()
            var requests: [Request] = []
            requests.reserveCapacity(ids.count)
            for id in ids {
                let entry = try? await entry(id)
                requests.append(Request(id: id, command: entry.map { "RETR \($0.number)" }, size: entry?.size ?? 0))
            }
            try await retrieve(requests, "RETR", body)
        }
    }

    /// A body that is asked for.
    struct Request {
        var id: StoredMessage.ID
        /// `nil` if there is no such message.
        var command: String?
        /// How much is expected.
        var size: UInt64
    }

    /// Asks for bodies and gives each to `body`. The line is claimed.
    func retrieve(
        _ requests: [Request],
        _ command: String,
        _ body: (StoredMessage.ID, inout any ContentReader) async throws -> Void
    ) async throws {
        isReading = true
        defer { isReading = false }
        // Readers claim the line themselves.
        line.release()
        defer { try? line.claim() }
        let window = window
        var flight = Flight()
        for (index, request) in requests.enumerated() {
            if flight.count == 0 { try line.refuseSurplus(before: command) }
            topUp(&flight, requests, at: index, window: window)
            var reader: any ContentReader
            if request.command == nil {
                reader = FailedReader(error: Self.notListed(request.id, line.server))
            } else {
                flight.answered(request.size)
                let reply = try await line.reply(to: command)
                // TOP gives a part, whose size nobody knows.
                let sizes = command == "RETR" && requests.count > 1 ? Self.sizes(requests, at: index) : nil
                reader =
                    reply.isPositive
                    ? POP3BodyReader(line: line, number: line.beginBody(sizes))
                    : FailedReader(error: POP3Content.vanished(reply, request.id, line.server))
            }
            do {
                try await body(request.id, &reader)
                try await line.finishBody()
            } catch {
                try await drain(flight.count, after: error)
                throw error
            }
        }
        // One reply too many may mean that messages were taken for one another.
        try line.refuseSurplus(before: "the next command")
    }

    private static func sizes(_ requests: [Request], at index: Int) -> POP3SizeGuard.Expected {
        func size(_ index: Int) -> UInt64? {
            guard requests.indices.contains(index), requests[index].command != nil else { return nil }
            return requests[index].size
        }
        return POP3SizeGuard.Expected(own: requests[index].size, before: size(index - 1), behind: size(index + 1))
    }

    /// What is on its way.
    private struct Flight {
        var next = 0
        var count = 0
        var octets: UInt64 = 0

        mutating func answered(_ size: UInt64) {
            count -= 1
            octets = octets > size ? octets - size : 0
        }
    }

    /// Asks for more: many at a time, so that they share a packet.
    private func topUp(_ flight: inout Flight, _ requests: [Request], at index: Int, window: Int) {
        guard flight.count <= window / 2 else { return }
        while flight.next < requests.count, flight.count < window,
            flight.next <= index || flight.octets < Self.octetsInFlight
        {
            let request = requests[flight.next]
            flight.next += 1
            guard let command = request.command else { continue }
            line.write(.line(command))
            flight.count += 1
            flight.octets = flight.octets.addingReportingOverflow(request.size).partialValue
        }
    }

    /// Reads what was asked for and is not wanted any more.
    private func drain(_ count: Int, after error: any Error) async throws {
        guard !Task.isCancelled, !line.connection.isPeerClosed else { return line.connection.abort() }
        do {
            try await line.finishBody()
            for _ in 0..<count {
                guard try await line.reply(to: "RETR").isPositive else { continue }
                _ = line.beginBody()
                try await line.finishBody()
            }
        } catch {
            // The connection is broken; whoever goes on with the session will hear it.
            line.connection.abort()
        }
    }
}

extension POP3Session: HeaderReading {
    /// Reads beginnings of messages by TOP (RFC 1939 section 7), many in one flight where the server takes that.
    public func readHeaders(
        of ids: [StoredMessage.ID],
        bodyLines: Int,
        _ body: (StoredMessage.ID, [UInt8]) async throws -> Void
    ) async throws {
        let lines = min(max(0, bodyLines), 1_000_000)
        try await used {
            _ = try await list()
            var requests: [Request] = []
            for id in ids {
                guard let entry = try? await entry(id) else { continue }
                let size = min(entry.size, 4_096 &+ UInt64(lines) &* 80)
                requests.append(Request(id: id, command: "TOP \(entry.number) \(lines)", size: size))
            }
            try await retrieve(requests, "TOP") { id, reader in
                let beginning: [UInt8]
                do {
                    // A server that gives more than was asked for fills no memory.
                    beginning = try await MessageBeginning.read(&reader, of: id, bodyLines: lines)
                } catch let error as MailError where error.code == .notFound {
                    return
                }
                try await body(id, beginning)
            }
        }
    }
}
