// swift-tools-version:5.9

import PackageDescription

let package = Package(
    name: "Tallystick",
    // async/await needs iOS 13, as connect-swift's own async methods do.
    platforms: [.iOS(.v13), .macOS(.v10_15), .tvOS(.v13), .watchOS(.v6)],
    products: [
        .library(name: "Tallystick", targets: ["Tallystick"]),
    ],
    dependencies: [
        .package(url: "https://github.com/connectrpc/connect-swift.git", exact: "1.2.3"),
        .package(url: "https://github.com/apple/swift-protobuf.git", .upToNextMinor(from: "1.37.0")),
    ],
    targets: [
        .target(
            name: "Tallystick",
            dependencies: [
                .product(name: "Connect", package: "connect-swift"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]
        ),
        .executableTarget(name: "Sample", dependencies: ["Tallystick"], path: "Sample"),
        .testTarget(
            name: "TallystickTests",
            dependencies: [
                "Tallystick",
                .product(name: "Connect", package: "connect-swift"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]
        ),
    ],
    swiftLanguageVersions: [.v5]
)
