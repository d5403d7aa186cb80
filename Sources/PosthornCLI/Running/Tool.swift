import ArgumentParser
import Posthorn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A command of the tool: says everything through its console, and ends with a code of ``ExitCodes``.
protocol Tool: AsyncParsableCommand, Sendable {
    /// How results are shown.
    var output: OutputOptions { get }

    /// Does the work.
    ///
    /// - Returns: how it ended.
    /// - Throws: whatever went wrong; it is told on the console and becomes an exit code.
    func execute(on console: Console) async throws -> ExitCode
}

extension Tool {
    mutating func run() async throws {
        let command = self
        let console = Console(isJSON: output.json)
        let interruption = Interruption()
        var code: ExitCode
        do {
            code = try await interruption.run { try await command.execute(on: console) }
        } catch {
            // Mistakes in the command line are told by the argument parser, with the usage.
            if error is ValidationError || error is CleanExit { throw error }
            let failure = Failure(error)
            failure.tell(on: console)
            code = failure.exitCode
        }
        if code == ExitCodes.interrupted, interruption.signal == SIGTERM { code = ExitCodes.terminated }
        if let number = console.outputFailure {
            // Whoever has closed the pipe wants to read no more, and no complaint either.
            if number != EPIPE {
                console.note("the standard output could not be written: \(String(cString: strerror(number)))")
            }
            if code == ExitCodes.done { code = ExitCodes.cannotWrite }
        }
        throw code
    }
}
