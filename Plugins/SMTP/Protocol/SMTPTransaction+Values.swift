import Posthorn

extension SMTPTransaction {
    /// What is to be done next.
    enum Step: Equatable {
        /// Send these octets, then bring the replies.
        case send([UInt8])
        /// Send the message: with ``Carriage/data`` encoded and with its final dot, with ``Carriage/chunks`` as BDAT
        /// commands, each but the last told by ``chunkSent()``. Call ``contentHandedOver()`` before its end leaves, then
        /// bring the replies.
        case sendContent
        /// Bring another reply.
        case wait
        /// The transaction is over.
        case finished(Outcome)
    }

    /// How a transaction ended.
    struct Outcome: Equatable {
        /// The results, or the failure.
        var result: Result
        /// What must be done with the connection.
        var connection: ConnectionState

        enum Result: Equatable {
            case accepted(reply: SMTPReply, recipients: [RecipientResult])
            case failed(Failure)
        }
        enum ConnectionState: Equatable {
            /// The next transaction may begin.
            case clean
            /// RSET is needed before the next transaction.
            case needsReset
            /// Nothing more can be sent on it.
            case unusable
        }
    }

    /// Why a transaction failed, as values.
    struct Failure: Equatable {
        var code: MailError.Code
        var certainty: DeliveryCertainty
        var message: String
        var reply: ServerReply?
        var recipients: [RecipientResult] = []
    }

    /// How the message itself travels.
    enum Carriage: Equatable {
        /// After DATA, up to a line with a dot.
        case data
        /// In BDAT commands (RFC 3030), after the envelope was accepted.
        case chunks
        /// In one BDAT command in the same flight as the envelope: for messages so small that it does not matter when they
        /// travel in vain. The caller sends that many octets behind what ``SMTPTransaction/start()`` gives.
        case inline(octets: Int)
    }
}
