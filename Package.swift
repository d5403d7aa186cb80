// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "posthorn",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Posthorn", targets: ["Posthorn"]),
        .library(name: "PosthornMIME", targets: ["PosthornMIME"]),
        .library(name: "PosthornMailbox", targets: ["PosthornMailbox"]),
        .library(name: "PosthornIMAP", targets: ["PosthornIMAP"]),
        .library(name: "PosthornSMTP", targets: ["PosthornSMTP"]),
        .library(name: "PosthornPOP3", targets: ["PosthornPOP3"]),
        .library(name: "PosthornTesting", targets: ["PosthornTesting"]),
        .executable(name: "posthorn", targets: ["PosthornCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // The core: protocols, registry, settings, errors, the client object. No NIO, no OpenSSL.
        .target(
            name: "Posthorn",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "PosthornMIME", dependencies: ["Posthorn"]),

        // Shared plumbing of the network plugins; targets, not products.
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .target(name: "PosthornTLS", dependencies: ["COpenSSL"]),
        .target(
            name: "PosthornNet",
            dependencies: [
                "Posthorn",
                "PosthornTLS",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // Stores on this computer, and fetching into them. OpenSSL for its hash alone.
        .target(name: "PosthornMailbox", dependencies: ["Posthorn", "PosthornTLS"]),

        // The plugins: one folder, one target, one product each.
        .target(
            name: "PosthornIMAP",
            dependencies: ["Posthorn", "PosthornNet"],
            path: "Plugins/IMAP"
        ),
        .target(
            name: "PosthornSMTP",
            dependencies: ["Posthorn", "PosthornNet"],
            path: "Plugins/SMTP"
        ),
        .target(
            name: "PosthornPOP3",
            dependencies: ["Posthorn", "PosthornNet"],
            path: "Plugins/POP3"
        ),

        .target(
            name: "PosthornTesting",
            dependencies: [
                "Posthorn",
                "PosthornTLS",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "PosthornCLI",
            dependencies: [
                "Posthorn",
                "PosthornIMAP",
                "PosthornMIME",
                "PosthornMailbox",
                "PosthornPOP3",
                "PosthornSMTP",
                "PosthornTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // Tests: one target per module, real servers in IntegrationTests.
        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(
            name: "PosthornTests",
            dependencies: [
                "Posthorn", "PosthornTesting", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PosthornMIMETests",
            dependencies: ["Posthorn", "PosthornMIME", "TestSupport"],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "PosthornMailboxTests",
            dependencies: ["Posthorn", "PosthornMailbox", "PosthornTesting", "PosthornTLS", "TestSupport"]
        ),
        .testTarget(name: "PosthornTLSTests", dependencies: ["PosthornTLS", "TestSupport"]),
        .testTarget(
            name: "PosthornNetTests",
            dependencies: [
                "Posthorn", "PosthornNet", "PosthornTLS", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "PosthornIMAPTests",
            dependencies: [
                "Posthorn", "PosthornIMAP", "PosthornMailbox", "PosthornNet", "PosthornTLS", "PosthornTesting",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PosthornSMTPTests",
            dependencies: [
                "Posthorn", "PosthornMIME", "PosthornNet", "PosthornSMTP", "PosthornTesting", "PosthornTLS",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PosthornPOP3Tests",
            dependencies: [
                "Posthorn", "PosthornMailbox", "PosthornNet", "PosthornPOP3", "PosthornTesting", "PosthornTLS",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PosthornTestingTests",
            dependencies: [
                "Posthorn", "PosthornTLS", "PosthornTesting", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Posthorn", "PosthornMIME", "PosthornMailbox", "PosthornPOP3", "PosthornSMTP", "PosthornTesting",
                "PosthornCLI", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// One set of habits for every target: Swift 6 mode, upcoming features on, warnings are errors.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
