import ArgumentParser

/// How a command shows its result.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON for machines.")
    var json = false

    @Flag(
        name: .shortAndLong,
        help: "Show on the standard error what client and server say, without secrets and texts."
    )
    var verbose = false
}
