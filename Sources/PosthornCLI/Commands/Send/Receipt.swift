import Posthorn

/// A receipt, as it is told to people and to machines.
enum Receipt {
    // MARK: For people

    static func lines(_ receipt: SendReceipt, _ terminal: Terminal) -> [String] {
        var lines = [headline(receipt)]
        let width = receipt.recipients.map(\.address.description.count).max() ?? 0
        for result in receipt.recipients {
            let address = result.address.description
            let isGood = [.accepted, .handedOver, .written].contains(result.status)
            let padding = String(repeating: " ", count: max(0, min(width, 50) - address.count))
            let status = isGood && receipt.kind.isAcceptedByServer ? "" : "\(padding)  \(words(result))"
            lines.append("  \(isGood ? terminal.good : terminal.bad) \(address)\(status)")
        }
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append("  \(name):" + String(repeating: " ", count: max(1, 14 - name.count)) + value)
        }
        add("Message-ID", receipt.messageID)
        add("Queue ID", receipt.remoteQueueID)
        add("Server", receipt.reply?.description)
        add("File", receipt.kind.path)
        for loss in receipt.kind.losses { add("Lost", loss) }
        if !receipt.copiedTo.isEmpty { add("Copied to", list(receipt.copiedTo) + " (by 'copy-to' in the settings)") }
        if !receipt.redirectedFrom.isEmpty {
            add("Redirected", "it was meant for \(list(receipt.redirectedFrom)) ('redirect-all' in the settings)")
        }
        if !receipt.ignoredOptions.isEmpty {
            add("Not possible", receipt.ignoredOptions.joined(separator: ", ") + " (this way cannot do it)")
        }
        for attempt in receipt.failedAttempts {
            add("Tried before", "'\(attempt.transport)', which did not take it: \(attempt.error.message)")
        }
        return lines
    }

    private static func headline(_ receipt: SendReceipt) -> String {
        let all = receipt.recipients.count
        let good = all - receipt.failedRecipients.count
        let people = all == 1 ? "1 recipient" : "\(all) recipients"
        let share = good == all ? people : "\(good) of \(people)"
        if let program = receipt.kind.program {
            return
                "'\(receipt.transport)' handed the message for \(share) to \(program), where it may still be changed "
                + "or cancelled."
        }
        if receipt.kind.path != nil { return "'\(receipt.transport)' wrote the message for \(share) into a file." }
        return "Sent by '\(receipt.transport)': the server took the message for \(share)."
    }

    /// What became of the message for one recipient.
    static func words(_ result: RecipientResult) -> String {
        let status: String
        switch result.status {
        case .rejectedForGood: status = "refused for good, correct the address"
        case .rejectedForNow: status = "refused for now, try again later"
        case .handedOver: status = "handed over"
        // Their reply is the one to the address, which was good: it says nothing about the message.
        case .unknown: return "not known whether it was taken"
        case .notTaken: return "the recipient was accepted, the message was not"
        default: status = result.status.description
        }
        return status + (result.reply.map { ": \($0)" } ?? "")
    }

    private static func list(_ addresses: [EmailAddress]) -> String {
        addresses.map(\.description).joined(separator: ", ")
    }

    // MARK: For machines

    static func json(_ receipt: SendReceipt, notes: [String] = []) -> JSONValue {
        var object: [String: JSONValue] = [
            "outcome": .string(receipt.kind.word), "complete": .bool(receipt.isComplete),
            "transport": .string(receipt.transport), "message_id": .string(receipt.messageID),
            "queue_id": .text(receipt.remoteQueueID), "reply": json(receipt.reply),
            "recipients": .array(receipt.recipients.map(json)),
            "ignored_options": .texts(receipt.ignoredOptions),
            "failed_attempts": .array(receipt.failedAttempts.map(json)),
            "redirected_from": .texts(receipt.redirectedFrom), "copied_to": .texts(receipt.copiedTo),
            "notes": .texts(notes),
        ]
        if let path = receipt.kind.path { object["path"] = .string(path) }
        if let program = receipt.kind.program {
            object["program"] = .string(program)
            object["losses"] = .texts(receipt.kind.losses)
        }
        return .object(object)
    }

    static func json(_ result: RecipientResult) -> JSONValue {
        [
            "address": .string(result.address.description), "status": .string(result.status.description),
            "reply": json(result.reply),
        ]
    }

    static func json(_ reply: ServerReply?) -> JSONValue {
        guard let reply else { return .null }
        return [
            "code": reply.code.map { .number(Int64($0)) } ?? .null,
            "enhanced_status": .text(reply.enhancedStatus?.description), "text": .string(reply.text),
        ]
    }

    private static func json(_ attempt: SendReceipt.FailedAttempt) -> JSONValue {
        [
            "transport": .string(attempt.transport), "code": .string(attempt.error.code.description),
            "certainty": .string(attempt.error.certainty.description), "message": .string(attempt.error.message),
        ]
    }
}
