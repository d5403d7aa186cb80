import Logging
import Posthorn

/// Writes log lines to the standard error, for `--verbose`. Lines of level trace are the transcript.
struct StandardErrorLog: LogHandler {
    let console: Console
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level > .trace else {
            console.note("  \(event.message)")
            return
        }
        let values = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let shown = values.sorted { $0.key < $1.key }.map { " \($0.key)=\(PeerText.shown("\($0.value)"))" }.joined()
        console.note("  [\(event.level)] \(event.message)\(shown)")
    }

    /// The logger of a command: silent unless `--verbose` is given.
    static func logger(_ console: Console, isVerbose: Bool) -> Logger {
        guard isVerbose else { return Logger(label: "posthorn") { _ in SwiftLogNoOpLogHandler() } }
        var logger = Logger(label: "posthorn") { _ in StandardErrorLog(console: console) }
        logger.logLevel = .trace
        return logger
    }
}
