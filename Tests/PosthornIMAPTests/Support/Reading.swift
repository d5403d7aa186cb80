import PosthornNet
import Testing

@testable import PosthornIMAP

/// Reads text as a server's, in one piece; every response must be complete.
func responses(
    _ text: String,
    limits: IMAPLimits = IMAPLimits(),
    greeting: Bool = false
) throws -> [IMAPResponse] {
    try events(Array(text.utf8), limits: limits, greeting: greeting).compactMap { event in
        if case .response(let response) = event { response } else { nil }
    }
}

func events(_ octets: [UInt8], limits: IMAPLimits = IMAPLimits(), greeting: Bool = false) throws -> [IMAPEvent] {
    var parser = IMAPResponseParser(limits: limits, expectsGreeting: greeting)
    var buffer = ReceiveBuffer(octets)
    var events: [IMAPEvent] = []
    while let event = try parser.next(from: &buffer) { events.append(event) }
    #expect(buffer.isEmpty)
    #expect(!parser.isInsideResponse)
    return events
}

/// The one response of a line without its line end.
func response(_ line: String) throws -> IMAPResponse {
    let all = try responses(line + "\r\n")
    #expect(all.count == 1)
    return try #require(all.first)
}

func fetched(_ line: String) throws -> IMAPFetchedMessage {
    guard case .fetch(let message) = try response(line) else { throw NotAFetch() }
    return message
}

struct NotAFetch: Error {}

extension IMAPMailboxName {
    init(_ name: String) { self.init(octets: Array(name.utf8)) }
}
