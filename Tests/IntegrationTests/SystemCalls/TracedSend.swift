import Foundation
import TestSupport

/// One run of `posthorn send` under strace, from the moment when everything is loaded and the tool waits for the text of
/// the message on its standard input: what the loader does on the way there is no session.
struct TracedSend {
    /// What it said; the sentence of why there is nothing if it did not end.
    let output: String
    let errorOutput: String
    /// How the tool ended; `nil` if it did not.
    let status: ExitStatus?
    /// How often each call was made, by the thread that made most.
    let counts: [String: Int]
    /// The calls that had the error.
    let injected: [Substring]

    /// The tool waits for its standard input in poll(2): number 7, or 73 for ppoll on ARM. strace becomes its parent, so
    /// that it may watch it on every system.
    private static let script = """
        tool="$1"; recipient="$2"; log="$3"; shift 3
        : >"$log.said"
        {
            n=0
            until grep -q attached "$log.said" || [ $n -ge 1000 ]; do sleep 0.01; n=$((n + 1)); done
            echo "The text."
        } | "$tool" send --json --to "$recipient" --subject S --text-file - --settings test.yaml &
        pid=$!
        n=0
        until grep -qsE '^(7|73) ' /proc/$pid/task/*/syscall || [ $n -ge 1000 ]; do sleep 0.01; n=$((n + 1)); done
        exec strace -f -y -p $pid -o "$log" "$@" 2>"$log.said"
        """

    init(to recipient: String, _ injection: Injection?, in directory: TemporaryDirectory) async throws {
        let log = directory.file("trace")
        try? FileManager.default.removeItem(at: log)
        let options =
            injection.map {
                [
                    "-e", "trace=\($0.call.name),exit_group",
                    "-e", "inject=\($0.call.name):error=\($0.error):when=\($0.number)",
                ]
            } ?? []
        var result: CommandResult?
        var complaint = ""
        do {
            result = try await run(
                "sh",
                ["-c", Self.script, "sh", CLITool.path, recipient, log.path] + options,
                environment: CLITool.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 },
                directory: directory.url,
                timeout: .seconds(20)
            )
        } catch let error as SupportError {
            complaint = error.description
        }
        output = result?.output ?? ""
        errorOutput = result?.errorOutput ?? complaint
        let text = (try? Data(contentsOf: log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = text.split(separator: "\n")
        status = result == nil ? nil : lines.last.flatMap(Self.status)
        injected = lines.filter { $0.hasSuffix("(INJECTED)") }
        counts = Self.counts(lines)
    }

    /// Whether one of the calls was about what event loops and SwiftNIO's count of cores need, and not about a session.
    var hitsEventLoop: Bool {
        injected.contains { line in ["<anon_inode:", "</sys/", "</proc/"].contains(where: line.contains) }
    }

    /// `4711 +++ exited with 0 +++`
    private static func status(_ line: Substring) -> ExitStatus? {
        let words = line.split(separator: " ")
        if line.contains("+++ exited with "), words.count >= 5 { return Int32(words[4]).map { .exited($0) } }
        // The number of the signal is not told, and not wanted.
        return line.contains("+++ killed by ") ? .signalled(0) : nil
    }

    /// `4711 read(15, ""..., 8) = 8`
    private static func counts(_ lines: [Substring]) -> [String: Int] {
        var byThread: [Substring: [String: Int]] = [:]
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let end = words[1].firstIndex(of: "("), !words[1].contains("resumed>") else {
                continue
            }
            let name = words[1][..<end].drop { $0 == " " }
            byThread[words[0], default: [:]][String(name), default: 0] += 1
        }
        return byThread.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: max) }
    }
}
