/// Asks again and again until there is an answer.
///
/// - Returns: The first value that is not `nil`.
/// - Throws: `SupportError` when time is up, `CancellationError`, and whatever the question throws.
@discardableResult
package func eventually<Value: Sendable>(
    _ what: String,
    within limit: Duration = .seconds(20),
    _ question: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(1)
    while true {
        if let value = try await question() { return value }
        guard ContinuousClock.now < deadline else { throw SupportError("waited \(limit) in vain for \(what)") }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
    }
}
