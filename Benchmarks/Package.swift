// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "posthorn", path: "..")],
    targets: [
        .executableTarget(
            name: "posthorn-bench",
            dependencies: [
                .product(name: "Posthorn", package: "posthorn"),
                .product(name: "PosthornIMAP", package: "posthorn"),
                .product(name: "PosthornMIME", package: "posthorn"),
                .product(name: "PosthornMailbox", package: "posthorn"),
                .product(name: "PosthornPOP3", package: "posthorn"),
                .product(name: "PosthornSMTP", package: "posthorn"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
