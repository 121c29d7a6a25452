// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that benchmarks never slow the main build. `scripts/bench` runs each executable in release mode.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let protocols: Target.Dependency = .product(name: "OxbowProtocols", package: "oxbow")

let package = Package(
    name: "oxbow-benchmarks",
    dependencies: [
        .package(name: "oxbow", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // Timing and printing, for all of them.
        .target(name: "BenchSupport", swiftSettings: settings),

        // Parsing, against a bare libxml2 SAX loop in C.
        .systemLibrary(name: "CLibXML2Plain", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(name: "CBareSAX", dependencies: ["CLibXML2Plain"], cSettings: [.unsafeFlags(["-O2"])]),
        .executableTarget(name: "ParseBench", dependencies: ["BenchSupport", "CBareSAX", protocols], swiftSettings: settings),

        // Opening and sealing, against a bare C loop of the same GPGME calls.
        .systemLibrary(name: "CGPGMEPlain", pkgConfig: "gpgme", providers: [.apt(["libgpgme-dev"])]),
        .target(name: "CBareGPGME", dependencies: ["CGPGMEPlain"], cSettings: [.unsafeFlags(["-O2"])]),
        .executableTarget(
            name: "OXBench",
            dependencies: ["BenchSupport", "CBareGPGME", protocols, .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),

        // Formatting with sealing and opening with parsing, against a bare C loop of GMime and GPGME.
        .systemLibrary(name: "CGMimePlain", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .target(name: "CBareMail", dependencies: ["CGMimePlain"], cSettings: [.unsafeFlags(["-O2"])]),
        .executableTarget(
            name: "GREBench",
            dependencies: ["BenchSupport", "CBareGPGME", "CBareMail", protocols, .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),

        // Accepting into the outbox, against a bare loop of the same rows and fsyncs.
        .target(name: "CBareSQLite", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "StoreBench",
            dependencies: ["BenchSupport", "CBareSQLite", .product(name: "OxbowStores", package: "oxbow")],
            swiftSettings: settings
        ),

        // Resuming a session, against slixmpp; Tests/Interop/Peers/bench_resume.py runs both.
        .executableTarget(
            name: "ResumeBench",
            dependencies: [.product(name: "OxbowSessions", package: "oxbow"), .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
    ]
)
