import Foundation
import XMPP
import YAMLConfiguration

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// All that an account's running depends on: equal images mean that a reload leaves the account alone.
///
/// Files count by size, mode and time of change: those of its secrets and certificates, everything in its bots' folders but what hides
/// behind a dot, `__pycache__` and the homes of programs, and the programs that its bots name elsewhere.
struct AccountImage: Hashable, Sendable {
    private var section: SectionImage
    private var keyring: String
    private var folders: [String]
    /// Whom each bot hears; a part of it may stand elsewhere than in its file.
    private var audiences: [[AddressGlob]]
    private var files: [String: Stamp]

    /// A file at a moment.
    private struct Stamp: Hashable, Sendable {
        var size: Int64
        var mode: UInt32
        var seconds: Int64
        var nanoseconds: Int64
    }

    /// How many files of a bot's folder are looked at.
    static let limit = 10_000

    /// Looks at the files of an account and its bots.
    init(_ account: AccountSettings, _ bots: [BotDefinition], environment: [String: String] = [:]) {
        section = account.image
        keyring = account.keyring.home
        folders = bots.map(\.folder)
        audiences = bots.map(\.allow)
        files = [:]
        let secrets =
            [account.password, account.keyring.passphrase].compactMap { $0 }
            + account.gateways.flatMap { gateway in
                gateway.registration.map { Array($0.values) } ?? []
            }
        for file in secrets.flatMap({ $0.files(environment: environment) }) { note(file) }
        if let roots = account.connect.ca { note(roots) }
        for bot in bots { note(bot) }
    }

    private mutating func note(_ bot: BotDefinition) {
        let programs: [ProgramDefinition] = bot.handlers.compactMap { if case .program(let program) = $0.kind { program } else { nil } }
        // What a program writes into its home is no change of the bot.
        let homes = Set(programs.map(\.home)).subtracting([bot.folder])
        note(folder: bot.folder, without: homes)
        for program in programs {
            for (index, word) in program.command.enumerated() {
                if word.hasPrefix("/") {
                    note(word)
                } else if index == 0, !word.contains("/") {
                    for folder in ProgramDefinition.path { note(folder + "/" + word) }
                }
            }
        }
    }

    private mutating func note(folder: String, without homes: Set<String>) {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return }
        var count = 0
        for case let name as String in names {
            let last = name.split(separator: "/").last ?? ""
            if last.hasPrefix(".") || last == "__pycache__" || homes.contains(folder + "/" + name) {
                names.skipDescendants()
                continue
            }
            count += 1
            guard count <= Self.limit else { return }
            note(folder + "/" + name)
        }
    }

    private mutating func note(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        files[path] = Stamp(
            size: Int64(status.st_size),
            mode: UInt32(status.st_mode),
            seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec)
        )
    }
}
