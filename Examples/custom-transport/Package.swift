// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "custom-transport",
    platforms: [.macOS(.v15)],
    products: [.library(name: "FolderTransport", targets: ["FolderTransport"])],
    dependencies: [.package(name: "posthorn", path: "../..")],
    targets: [
        .target(name: "FolderTransport", dependencies: [.product(name: "Posthorn", package: "posthorn")]),
        .executableTarget(
            name: "custom-transport",
            dependencies: ["FolderTransport", .product(name: "Posthorn", package: "posthorn")]
        ),
        .testTarget(
            name: "FolderTransportTests",
            dependencies: [
                "FolderTransport",
                .product(name: "Posthorn", package: "posthorn"),
                .product(name: "PosthornTesting", package: "posthorn"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
