// swift-tools-version: 6.2
import PackageDescription

// The floors of docs/ARCHITECTURE.md, bottom first. `scripts/check-imports` holds every import against them.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOTLS", package: "swift-nio"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

// What keeps the shipped program small in memory and on disk; only OxbowMain is linked so, which no library product has in it.
let smallProgram = [
    // The default is gold, which knows no packed relocations.
    "-use-ld=lld",
    // A static Swift program exports each of its 50,000 symbols otherwise: 4 MB of tables, none of which anybody looks up, and nothing that is
    // public is ever left out as unused.
    "-Xlinker", "--no-export-dynamic",
    // 150,000 relative relocations in 30 kB instead of 3.4 MB, all of which is read at each start (glibc 2.36, as Debian 12 has it).
    "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
]

let package = Package(
    name: "oxbow",
    products: [
        .executable(name: "oxbow", targets: ["OxbowMain"]),
        .library(name: "Oxbow", targets: ["Oxbow"]),
        .library(name: "OxbowCommand", targets: ["OxbowCommand"]),
        .library(name: "OxbowTesting", targets: ["OxbowTesting"]),
        .library(name: "OxbowProtocols", targets: ["XML", "OpenPGP", "MIME", "XMPP", "OX", "GRE"]),
        .library(name: "OxbowAlerting", targets: ["XMPP", "Alerting"]),
        .library(name: "OxbowStores", targets: ["XMPP", "Delivery", "OxbowSQLite"]),
        .library(name: "OxbowSessions", targets: ["XML", "XMPP", "XMPPNIO"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        // Without its traits: they bring swift-configuration, which knows neither positions nor unknown keys.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    ],
    targets: [
        // C: system libraries, and tiny shims with a narrow header of our own.
        .systemLibrary(name: "CGPGME", pkgConfig: "gpgme", providers: [.apt(["libgpgme-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CLibGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .target(name: "CGMime", dependencies: ["CLibGMime"]),
        .target(name: "CStringprep", linkerSettings: [.linkedLibrary("idn"), .linkedLibrary("idn2")]),
        .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv")]),
        .target(name: "CPCRE2", linkerSettings: [.linkedLibrary("pcre2-8")]),
        // Loaded when it is first used, instead of linked: see its start.h.
        .target(name: "CCurl"),
        .target(name: "CQREncode", linkerSettings: [.linkedLibrary("qrencode")]),
        .target(name: "CHost"),

        // Floor 1: no XMPP in here.
        .target(name: "XML", dependencies: ["CLibXML2"], swiftSettings: settings),
        .target(name: "OpenPGP", dependencies: ["CGPGME", crypto, logging], swiftSettings: settings),
        .target(name: "MIME", dependencies: ["CGMime"], swiftSettings: settings),
        .target(name: "YAMLConfiguration", dependencies: ["Yams"], swiftSettings: settings),
        .target(name: "Web", dependencies: ["CCurl"], swiftSettings: settings),

        // Floor 2: XMPP without IO.
        .target(name: "XMPP", dependencies: ["XML", "CStringprep", crypto, cryptoExtras], swiftSettings: settings),

        // Floor 3.
        .target(
            name: "XMPPNIO",
            dependencies: [
                "XMPP", "XML", "CResolver", "CHost", crypto, logging,
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ] + nio,
            swiftSettings: settings
        ),
        .target(name: "OX", dependencies: ["XMPP", "XML", "OpenPGP", crypto, logging], swiftSettings: settings),
        .target(name: "Delivery", dependencies: ["XMPP", "XML", crypto, logging], swiftSettings: settings),

        // Floor 4: gateways, over OX's keys and any session; keys that mail domains publish.
        .target(name: "GRE", dependencies: ["OX", "XMPP", "XML", "OpenPGP", "MIME", crypto, logging], swiftSettings: settings),
        .target(name: "WebKeys", dependencies: ["OX", "XMPP", "OpenPGP", "Web"], swiftSettings: settings),

        // Floor 5: what a bot author imports, and what runs it.
        .target(
            name: "Oxbow",
            dependencies: [
                "YAMLConfiguration", "XML", "OpenPGP", "XMPP", "XMPPNIO", "OX", "Delivery", "GRE", "CPCRE2", "CHost", "CCurl", crypto, logging, metrics,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),

        // Floor 6: alerts, without a web server.
        .target(
            name: "Alerting",
            dependencies: ["YAMLConfiguration", "Web", "XMPP", crypto, .product(name: "Mustache", package: "swift-mustache")],
            swiftSettings: settings
        ),

        // Floor 7: listeners, and what is seen from outside.
        .target(
            name: "OxbowHTTP",
            dependencies: [
                "YAMLConfiguration", "XMPP", "Oxbow", "Alerting", "CQREncode", crypto, logging,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),

        // Floor 8.
        .target(
            name: "OxbowSQLite",
            dependencies: ["XML", "XMPP", "OX", "GRE", "Delivery", "OpenPGP", crypto, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings
        ),
        .target(name: "OxbowTesting", dependencies: ["Oxbow", "YAMLConfiguration", "XML", "OpenPGP", "XMPP", "OX", "GRE", "Delivery", logging], swiftSettings: settings),
        .target(
            name: "AlertsBot",
            dependencies: ["Alerting", "Oxbow", "XMPP"],
            path: "bots/alerts",
            exclude: ["bot.yaml"],
            swiftSettings: settings
        ),
        .target(name: "EchoBot", dependencies: ["Oxbow"], path: "bots/echo", exclude: ["bot.yaml"], swiftSettings: settings),
        .target(name: "HelpBot", dependencies: ["Oxbow"], path: "bots/help", exclude: ["bot.yaml"], swiftSettings: settings),
        .target(name: "RelayBot", dependencies: ["Oxbow", "XMPP", logging], path: "bots/relay", exclude: ["bot.yaml"], swiftSettings: settings),

        // Floors 9 and 10.
        .target(
            name: "OxbowCommand",
            dependencies: [
                "Oxbow", "OxbowSQLite", "YAMLConfiguration", "OpenPGP", "XMPP", "XMPPNIO", "OX", "GRE", "WebKeys", "Delivery", "Alerting", "OxbowHTTP", "XML", "CHost", logging,
                metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "OxbowMain",
            dependencies: ["OxbowCommand", "Oxbow", "AlertsBot", "EchoBot", "HelpBot", "RelayBot", logging],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(smallProgram, .when(platforms: [.linux], configuration: .release))]
        ),

        // What tests of several targets share; no product.
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"), .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(name: "XMLTests", dependencies: ["XML"], swiftSettings: settings),
        .testTarget(name: "OpenPGPTests", dependencies: ["OpenPGP", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "MIMETests", dependencies: ["MIME"], exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(name: "YAMLConfigurationTests", dependencies: ["YAMLConfiguration"], swiftSettings: settings),
        .testTarget(name: "XMPPTests", dependencies: ["XMPP", "XML", crypto], swiftSettings: settings),
        .testTarget(
            name: "XMPPNIOTests",
            dependencies: [
                "XMPPNIO", "XMPP", "XML", crypto, logging, .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"), "TestSupport",
            ] + nio,
            swiftSettings: settings
        ),
        .testTarget(name: "OXTests", dependencies: ["OX", "XMPP", "XML", "OpenPGP", "TestSupport", logging], swiftSettings: settings),
        .testTarget(
            name: "GRETests",
            dependencies: ["GRE", "OX", "XMPP", "XML", "OpenPGP", "MIME", "TestSupport", logging],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(name: "WebTests", dependencies: ["Web"], swiftSettings: settings),
        .testTarget(name: "WebKeysTests", dependencies: ["WebKeys", "Web", "OX", "OpenPGP", "XMPP", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "DeliveryTests", dependencies: ["Delivery", "XMPP", "XML"], swiftSettings: settings),
        .testTarget(
            name: "OxbowTests",
            dependencies: [
                "Oxbow", "OxbowTesting", "Alerting", "AlertsBot", "EchoBot", "HelpBot", "RelayBot", "XMPP", "XML", "OX", "GRE", "OpenPGP", "Delivery", "YAMLConfiguration", logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "AlertingTests", dependencies: ["Alerting", "Web", "YAMLConfiguration", "XMPP", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "OxbowHTTPTests",
            dependencies: [
                "OxbowHTTP", "Alerting", "YAMLConfiguration", "Oxbow", "XMPP", crypto, logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OxbowSQLiteTests",
            dependencies: [
                "OxbowSQLite", "OxbowTesting", "XML", "XMPP", "OX", "GRE", "Delivery", "OpenPGP", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OxbowCommandTests",
            dependencies: [
                "OxbowCommand", "Oxbow", "YAMLConfiguration", "XMPP", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "Interop",
            // The program itself is run as its users run it; XML reads what the peers say.
            dependencies: ["XML"],
            exclude: ["Peers"],
            swiftSettings: settings
        ),
    ]
)
