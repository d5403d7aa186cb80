// swift-tools-version: 6.2
import PackageDescription

// libFuzzer's entry points; see scripts/fuzz. What they run is shared with the tests, which replay the corpus.
let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "posthorn", path: "../..")],
    targets: [
        // A link to ../PosthornSMTPTests/Fuzz.
        .target(name: "FuzzTargets", dependencies: [.product(name: "PosthornSMTP", package: "posthorn")]),
        .target(name: "CLibFuzzer"),
        .target(name: "FuzzDriver", dependencies: ["CLibFuzzer"]),
        .executableTarget(name: "FuzzReplies", dependencies: ["FuzzDriver", "FuzzTargets"]),
        .executableTarget(name: "FuzzConversation", dependencies: ["FuzzDriver", "FuzzTargets"]),
        // A link to ../PosthornMIMETests/Fuzz.
        .target(
            name: "MIMEFuzzTargets",
            dependencies: [.product(name: "PosthornMIME", package: "posthorn")],
            exclude: ["MIMEFuzzReplayTests.swift"]
        ),
        .executableTarget(name: "FuzzMIME", dependencies: ["FuzzDriver", "MIMEFuzzTargets"]),
        // A link to ../PosthornIMAPTests/Fuzz.
        .target(
            name: "IMAPFuzzTargets",
            dependencies: [.product(name: "PosthornIMAP", package: "posthorn")],
            exclude: ["IMAPFuzzReplayTests.swift"]
        ),
        .executableTarget(name: "FuzzIMAP", dependencies: ["FuzzDriver", "IMAPFuzzTargets"]),
        // A link to ../PosthornPOP3Tests/Fuzz.
        .target(
            name: "POP3FuzzTargets",
            dependencies: [.product(name: "PosthornPOP3", package: "posthorn")],
            exclude: ["POP3FuzzReplayTests.swift"]
        ),
        .executableTarget(name: "FuzzPOP3", dependencies: ["FuzzDriver", "POP3FuzzTargets"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.name != "CLibFuzzer" {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
