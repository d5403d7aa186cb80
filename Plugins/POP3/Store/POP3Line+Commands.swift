import Posthorn
import PosthornNet

extension POP3Line {
    /// LIST and UIDL, in one flight where the server takes that.
    func list() async throws -> [POP3MessageList.Entry] {
        let isPipelined = capabilities.offers("PIPELINING")
        // One that does not know CAPA may know UIDL all the same.
        let asksUIDs = capabilities.offers("UIDL") || !capabilities.isKnown
        var list = POP3MessageList(server: server)
        try refuseSurplus(before: "LIST")
        write(.line("LIST"))
        if asksUIDs, isPipelined { write(.line("UIDL")) }
        let sizes = try await reply(to: "LIST")
        guard sizes.isPositive else {
            // The names are on their way all the same.
            if asksUIDs, isPipelined, try await reply(to: "UIDL").isPositive {
                try await readList(.messages, of: "UIDL") { _ throws(MailError) in }
            }
            throw MailError.refusal(sizes, by: server, of: "LIST", fallback: .unavailable)
        }
        try await readList(.messages, of: "LIST") { line throws(MailError) in try list.addSize(line) }
        guard asksUIDs else { return list.entries() }
        if !isPipelined {
            try refuseSurplus(before: "UIDL")
            write(.line("UIDL"))
        }
        let names = try await reply(to: "UIDL")
        if names.isPositive {
            try await readList(.messages, of: "UIDL") { line throws(MailError) in try list.addUID(line) }
        } else if names.responseCode != nil || capabilities.isKnown {
            // It has UIDL and cannot answer now. Without names every message would seem to be a new one.
            throw MailError.refusal(names, by: server, of: "UIDL", fallback: .unavailable)
        }
        // One reply too many, and sizes may have been taken for names.
        try refuseSurplus(before: "the next command")
        return list.entries()
    }

    /// DELE for each number.
    ///
    /// - Returns: the refusals.
    func delete(_ numbers: [Int], window: Int) async throws -> [POP3Reply] {
        var refused: [POP3Reply] = []
        var asked = 0
        for answered in numbers.indices {
            if asked == answered {
                try refuseSurplus(before: "DELE")
                while asked < numbers.count, asked - answered < window {
                    write(.line("DELE \(numbers[asked])"))
                    asked += 1
                }
            }
            let reply = try await reply(to: "DELE")
            if !reply.isPositive { refused.append(reply) }
        }
        return refused
    }

    /// Says goodbye where nothing depends on the answer, and closes. A body under way is not waited for.
    func sayGoodbye() async {
        guard !isBodyComing, !connection.isPeerClosed else { return connection.abort() }
        let limit = min(timeouts.reply, timeouts.close)
        let deadline = Deadline(after: limit, for: "the server's reply to QUIT", key: "timeouts.reply")
        write(.line("QUIT"))
        do {
            _ = try await nextReply(deadline)
            await connection.closeGracefully()
        } catch {
            connection.abort()
        }
    }
}
