import Posthorn

extension SMTPTransaction {
    /// What is sent, prepared for the wire.
    struct Request: Equatable {
        /// MAIL, and RCPT for each recipient: complete lines.
        private(set) var commands: [UInt8] = []
        /// Where each of these lines ends.
        private(set) var ends: [Int] = []
        /// The recipients, in the order of their lines.
        private(set) var recipients: [EmailAddress]
        /// Whether the server takes MAIL, RCPT and DATA in one flight.
        var isPipelined: Bool
        /// LMTP: one final reply per accepted recipient (RFC 2033 section 4.2).
        var isLMTP: Bool
        /// How the message travels. ``Carriage/inline(octets:)`` needs pipelining, SMTP, and an envelope that fits into one
        /// flight.
        var carriage = Carriage.data
        /// Whether RSET comes first: what another message left behind on the connection is not known, or is known to need
        /// it (RFC 3030 section 2).
        var resetsFirst = false

        /// A request without commands; add MAIL and one RCPT for each recipient.
        init(to recipients: [EmailAddress], isPipelined: Bool, isLMTP: Bool) {
            self.recipients = recipients
            self.isPipelined = isPipelined
            self.isLMTP = isLMTP
            ends.reserveCapacity(recipients.count + 1)
            commands.reserveCapacity(64 * (recipients.count + 2))
        }

        /// A request of lines without CRLF.
        init(
            mailCommand: [UInt8],
            recipients: [(address: EmailAddress, command: [UInt8])],
            isPipelined: Bool,
            isLMTP: Bool
        ) {
            self.init(to: recipients.map(\.address), isPipelined: isPipelined, isLMTP: isLMTP)
            addCommand { $0 += mailCommand }
            for recipient in recipients { addCommand { $0 += recipient.command } }
        }

        /// Adds the next command; `write` appends it without CRLF.
        mutating func addCommand(_ write: (inout [UInt8]) throws -> Void) rethrows {
            try write(&commands)
            commands.append(UInt8(ascii: "\r"))
            commands.append(UInt8(ascii: "\n"))
            ends.append(commands.count)
        }

        /// The octets of commands, MAIL being number 0.
        func commands(_ numbers: Range<Int>) -> ArraySlice<UInt8> {
            guard let last = numbers.last, ends.indices.contains(last) else { return [] }
            let start = numbers.lowerBound > 0 ? ends[numbers.lowerBound - 1] : 0
            return commands[start..<ends[last]]
        }
    }
}
