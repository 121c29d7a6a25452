import ArgumentParser
import GRE
import OpenPGP
import Oxbow
import XMPP

/// `oxbow keys …`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Look at and decide about keys.",
        discussion: "Asks the running daemon; without one the state directory is opened directly.",
        subcommands: [List.self, Show.self, Trust.self, Untrust.self, Export.self, Import.self],
        defaultSubcommand: List.self
    )

    /// What all of them take.
    struct Options: ParsableArguments {
        @OptionGroup var common: CommonOptions

        @Option(name: .long, help: ArgumentHelp("The account, if there are several.", valueName: "jid"))
        var account: String?
    }

    struct List: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "List the own key and the keys of all peers.")
        @OptionGroup var options: Options
        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run(_ tool: Tool) async throws -> CommandStatus {
            let report = try await options.ask(tool) { control, account in try await control.keys(account: account, peer: nil) }
            tool.print(report, json: json)
            return .done
        }
    }

    struct Show: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "Show the keys of one peer.")
        @OptionGroup var options: Options
        @Flag(name: .long, help: "Print JSON.")
        var json = false
        @Argument(help: "The peer's bare JID.")
        var peer: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            let peer = try tool.address(peer, "the peer")
            let report = try await options.ask(tool) { control, account in try await control.keys(account: account, peer: peer) }
            guard report.peers.contains(where: { !$0.keys.isEmpty }) else {
                throw Failure(.noKey, "oxbow: \(report.account) knows no key of \(peer); 'oxbow keys trust \(peer)' fetches them")
            }
            tool.print(report, json: json)
            return .done
        }
    }

    struct Trust: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trust a peer's key, or all that the peer announces now.",
            discussion: "Compare the fingerprint with its owner first, over another way than this server."
        )
        @OptionGroup var options: Options
        @Argument(help: "The peer's bare JID.")
        var peer: String
        @Argument(help: "The key's fingerprint; without it all that are announced.")
        var fingerprint: String?

        func run(_ tool: Tool) async throws -> CommandStatus {
            let peer = try tool.address(peer, "the peer")
            let fingerprint = try tool.fingerprint(fingerprint)
            let report = try await options.ask(tool) { control, account in
                try await control.trust(account: account, peer: peer, fingerprint: fingerprint)
            }
            tool.print(report, json: false)
            return .done
        }
    }

    struct Untrust: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a peer's key, or all of them.")
        @OptionGroup var options: Options
        @Argument(help: "The peer's bare JID.")
        var peer: String
        @Argument(help: "The key's fingerprint; without it all of the peer's keys.")
        var fingerprint: String?

        func run(_ tool: Tool) async throws -> CommandStatus {
            let peer = try tool.address(peer, "the peer")
            let fingerprint = try tool.fingerprint(fingerprint)
            let report = try await options.ask(tool) { control, account in
                try await control.untrust(account: account, peer: peer, fingerprint: fingerprint)
            }
            tool.print(report, json: false)
            return .done
        }
    }

    struct Export: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a public key, ASCII-armored: the account's own, or a peer's.",
            discussion: "A secret key is never exported. What --for-mail prints is for a Web Key Directory."
        )
        @OptionGroup var options: Options
        @Argument(help: "The peer's bare JID; without it the account's own key.")
        var peer: String?
        @Argument(help: "The key's fingerprint, if the peer has several.")
        var fingerprint: String?
        @Flag(name: .long, help: "The own key as people on a mail network get it, with its mail address as the only User ID.")
        var forMail = false
        @Option(name: .long, help: ArgumentHelp("With --for-mail: the gateway, if there are several.", valueName: "domain"))
        var via: String?

        func run(_ tool: Tool) async throws -> CommandStatus {
            if forMail { return try await exportForMail(tool) }
            let peer = try peer.map { try tool.address($0, "the peer") }
            let fingerprint = try tool.fingerprint(fingerprint)
            let text = try await options.ask(tool) { control, account in
                try await control.exportKey(account: account, peer: peer, fingerprint: fingerprint)
            }
            tool.console.print(text.last == "\n" ? String(text.dropLast()) : text)
            return .done
        }

        private func exportForMail(_ tool: Tool) async throws -> CommandStatus {
            guard peer == nil else { throw Failure(.usage, "oxbow: --for-mail is for the own key: leave \(peer ?? "") out") }
            let gateway = try via.map { text in
                guard let address = Address(text), address.local == nil else { throw Failure(.usage, "oxbow: '\(text)' is no gateway") }
                return address
            }
            let text = try await options.ask(tool) { control, account in try await control.exportMailKey(account: account, via: gateway) }
            tool.console.print(text.last == "\n" ? String(text.dropLast()) : text)
            return .done
        }
    }

    struct Import: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import a peer's public key from standard input, and trust it.",
            discussion: "The key must carry the User ID xmpp:PEER. Example: gpg --export FINGERPRINT | oxbow keys import alice@example.org"
        )
        @OptionGroup var options: Options
        @Argument(help: "The peer's bare JID.")
        var peer: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            let peer = try tool.address(peer, "the peer")
            let material = try await tool.console.read()
            guard !material.isEmpty else { throw Failure(.usage, "oxbow: standard input is empty; give it the key") }
            let report = try await options.ask(tool) { control, account in
                try await control.importKey(account: account, peer: peer, material: material)
            }
            tool.print(report, json: false)
            return .done
        }
    }
}

extension KeysCommand.Options {
    /// Asks the daemon, or a runtime of our own.
    func ask<Result: Sendable>(
        _ tool: Tool,
        _ body: @escaping @Sendable (any Controllable, Address) async throws -> Result
    ) async throws -> Result {
        let settings = try tool.settings(common)
        let account = try tool.account(account, option: "--account", in: settings).jid
        return try await tool.withControl(.keys(of: account), in: settings) { control in try await body(control, account) }
    }
}

extension Tool {
    /// A fingerprint given on the command line, as 40 upper-case digits.
    fileprivate func fingerprint(_ text: String?) throws -> String? {
        guard let text else { return nil }
        guard let fingerprint = Fingerprint(text.filter { $0 != " " }) else {
            throw Failure(.usage, "oxbow: '\(text)' is no fingerprint: 40 hexadecimal digits are needed")
        }
        return fingerprint.hex
    }

    /// Prints what an account knows.
    fileprivate func print(_ report: KeyReport, json: Bool) {
        if json { return print(json: report) }
        console.print("\(report.account)  own key \(report.own.map(readable) ?? "(none yet: it is made on first start)")")
        for peer in report.peers {
            let legacy = Address(peer.jid).flatMap { try? LegacyAddress(jid: $0) }.flatMap { $0.text.contains("@") ? "  (\($0))" : nil }
            console.print(peer.jid + (legacy ?? ""))
            for key in peer.keys {
                let notes = [
                    vouching(key.source), key.announced ? nil : "not announced", key.unusable,
                ].compactMap { $0 }
                let tail = notes.isEmpty ? "" : "  (" + notes.joined(separator: "; ") + ")"
                let since = time(key.firstSeen)
                console.print("  \(readable(key.fingerprint))  \(key.standing), \(key.source), first seen \(since)\(tail)")
            }
        }
    }

    /// What is to be said about a key that nobody but a gateway or a mail itself vouches for (R20).
    private func vouching(_ source: String) -> String? {
        switch source {
        case "gateway": "only the gateway vouches for it: it authorises nothing until you trust it"
        case "autocrypt": "only a mail itself vouches for it: it authorises nothing until you trust it"
        default: nil
        }
    }
}
