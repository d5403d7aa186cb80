// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "two-ways",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "posthorn", path: "../.."),
        .package(name: "custom-transport", path: "../custom-transport"),
    ],
    targets: [
        .executableTarget(
            name: "two-ways",
            dependencies: [
                .product(name: "Posthorn", package: "posthorn"),
                .product(name: "PosthornMIME", package: "posthorn"),
                .product(name: "PosthornSMTP", package: "posthorn"),
                .product(name: "FolderTransport", package: "custom-transport"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
