// swift-tools-version: 6.2
import PackageDescription

// A package of its own: libFuzzer against what reads bytes from strangers. `Fuzz/run TARGET [libFuzzer's options]` builds and runs one.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // The entry point is libFuzzer's.
    .unsafeFlags(["-parse-as-library"]),
]
let protocols: Target.Dependency = .product(name: "OxbowProtocols", package: "oxbow")

let package = Package(
    name: "oxbow-fuzz",
    dependencies: [
        .package(name: "oxbow", path: "..")
    ],
    targets: [
        // Its RequestTarget.swift is a link: OxbowHTTP's path parser needs nothing else of it, and so no web server is built here.
        .executableTarget(
            name: "FuzzAlerts",
            dependencies: [.product(name: "OxbowAlerting", package: "oxbow")],
            swiftSettings: settings
        ),
        .executableTarget(name: "FuzzMIME", dependencies: [protocols], swiftSettings: settings),
        .executableTarget(name: "FuzzPackets", dependencies: [protocols], swiftSettings: settings),
        .executableTarget(name: "FuzzXML", dependencies: [protocols], swiftSettings: settings),
    ]
)
