import Glibc
import Subprocess

/// A throw-away Prosody on loopback, with hosts that are right and wrong in the ways that matter to a connection.
struct Prosody: Sendable {
    let folder: TemporaryFolder
    let startTLSPort: Int
    let directTLSPort: Int
    var authority: String { folder.path + "/ca.pem" }

    /// The password of `bot` and `peer` at every host.
    static let password = "correct horse"

    /// The hosts, what their certificates are for, and what else is in their configuration.
    private static let hosts = [
        ("good.test", "DNS:good.test", #"modules_enabled = { "smacks" }"#),
        ("archive.test", "DNS:archive.test", #"modules_enabled = { "smacks", "mam" }"#),
        ("redirect.test", "DNS:redirect.test", #"modules_enabled = { "test_redirect" }"#),
        ("leaving.test", "DNS:leaving.test", #"modules_enabled = { "smacks", "test_leaving" }"#),
        ("plain.test", "DNS:plain.test", ""),
        ("unlisted.test", "DNS:unlisted.test", ""),
        ("wrong.test", "DNS:elsewhere.test", ""),
        ("expired.test", "DNS:expired.test", ""),
        ("unknown.test", "DNS:unknown.test", ""),
        ("10.9.8.7", "IP:10.9.8.7", ""),
        ("10.9.8.6", "DNS:10.9.8.6,IP:10.9.8.7", ""),
        ("exporter.test", "DNS:exporter.test", #"modules_enabled = { "test_binding" }; test_binding_types = { "tls-exporter" }"#),
        ("endpoint.test", "DNS:endpoint.test", #"modules_enabled = { "test_binding" }; test_binding_types = { "tls-server-end-point" }"#),
    ]

    /// Starts it, waits until it listens, runs the body, and ends it.
    static func run<Result: Sendable>(options: String = "", _ body: (Prosody) async throws -> Result) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let prosody = Prosody(folder: folder, startTLSPort: try await freePort(), directTLSPort: try await freePort())
        try await prosody.prepare(options)
        let ended = try await Subprocess.run(
            .name("prosody"),
            arguments: ["-F", "--config", folder.path + "/prosody.cfg.lua"],
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution -> Swift.Result<Result, any Error> in
            var isReady = false
            var words = ""
            for try await line in execution.standardOutput.strings() {
                words += line + "\n"
                isReady = line.contains("ready")
                if isReady { break }
            }
            let result: Swift.Result<Result, any Error>
            do {
                guard isReady else { throw Tool.Failed(description: "Prosody: \(words)") }
                result = .success(try await body(prosody))
            } catch {
                result = .failure(error)
            }
            try execution.send(signal: .terminate)
            return result
        }
        return try ended.closureResult.get()
    }

    private func prepare(_ options: String) async throws {
        let authority = try await TestAuthority(in: folder)
        var configuration = """
            \(geteuid() == 0 ? "run_as_root = true" : "")
            data_path = "\(folder.path)/data"
            plugin_paths = { "\(folder.path)/plugins" }
            certificates = "."
            log = { debug = "\(folder.path)/prosody.log" }
            interfaces = { "127.0.0.1" }
            c2s_ports = { \(startTLSPort) }
            c2s_direct_tls_ports = { \(directTLSPort) }
            s2s_ports = {}
            component_ports = {}
            http_ports = {}
            https_ports = {}
            modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "pep", "test_ready" }
            modules_disabled = { "s2s" }
            authentication = "internal_plain"
            c2s_require_encryption = true
            smacks_hibernation_time = 60
            test_redirect_to = "127.0.0.1:\(startTLSPort)"
            c2s_direct_tls_ssl = { key = "\(folder.path)/good.test.key", certificate = "\(folder.path)/good.test.crt" }
            \(options)

            """
        for (host, names, more) in Self.hosts {
            switch host {
            case "expired.test": try await authority.issue(host, names: names, days: -1)
            case "unknown.test": try await authority.selfSign(host, names: names)
            default: try await authority.issue(host, names: names, hash: host == "endpoint.test" ? "sha384" : "sha256")
            }
            configuration += """
                VirtualHost "\(host)"
                ssl = { key = "\(folder.path)/\(host).key", certificate = "\(folder.path)/\(host).crt"\(host == "unlisted.test" ? ", protocol = \"tlsv1_2\"" : "") }
                test_binding_certificate = "\(folder.path)/\(host).crt"
                \(more)

                """
            let name = host.map { $0.isLetter || $0.isNumber ? String($0) : "%" + String($0.asciiValue ?? 0, radix: 16) }.joined()
            for user in ["bot", "peer"] {
                try folder.write("return { [\"password\"] = \"\(Self.password)\"; };\n", to: "data/\(name)/accounts/\(user).dat")
            }
        }
        try folder.write(configuration, to: "prosody.cfg.lua")
        try folder.write(Self.readyModule, to: "plugins/mod_test_ready.lua")
        try folder.write(Self.redirectModule, to: "plugins/mod_test_redirect.lua")
        try folder.write(Self.leavingModule, to: "plugins/mod_test_leaving.lua")
        try folder.write(Self.bindingModule, to: "plugins/mod_test_binding.lua")
    }

    /// What Prosody has written into its log.
    var log: String { folder.read("prosody.log") }

    private static let readyModule = #"""
        module:set_global();
        module:hook_global("server-started", function () io.stdout:write("ready\n"); io.stdout:flush(); end);
        """#

    /// Sends everybody who has logged in to another host (RFC 6120 § 4.9.3.19).
    private static let redirectModule = #"""
        module:hook("stream-features", function (event)
            if not event.origin.username then return; end
            event.origin.send("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
                ..module:get_option_string("test_redirect_to").."</see-other-host></stream:error>");
            event.origin:close();
        end);
        """#

    /// Says to the first who logs in that the server is going down (RFC 6120 § 4.9.3.22). Prosody itself ends before its own words are out.
    private static let leavingModule = #"""
        local gone = false;
        module:hook("resource-bind", function (event)
            if gone then return; end
            gone = true;
            module:add_timer(0.1, function () event.session:close({ condition = "system-shutdown", text = "back soon" }); end);
        end);
        """#

    /// Teaches Prosody's SCRAM the two channel bindings that we speak, with LuaSec's view of the same TLS connection, and the list of
    /// them (XEP-0440). Debian's Prosody itself knows tls-unique only.
    private static let bindingModule = #"""
        local sasl, scram, host = require "util.sasl", require "util.sasl.scram", prosody.hosts[module.host];
        local sha384 = require "util.hashes".sha384;
        scram.init(function (name, backends, f, bindings)
            sasl.registerMechanism(name, backends, f, bindings and { "tls-unique", "tls-exporter", "tls-server-end-point" });
        end);
        local types = module:get_option_array("test_binding_types", { "tls-exporter" });
        function module.load()
            local make = host.users.get_sasl_handler;
            function host.users.get_sasl_handler(session)
                local handler = make(session);
                for _, name in ipairs(types) do
                    handler:add_cb_handler(name, function ()
                        local socket = session.conn:socket();
                        if name == "tls-exporter" then
                            return socket:exportkeyingmaterial("EXPORTER-Channel-Binding", 32, "");
                        end
                        local file = assert(io.open(module:get_option_string("test_binding_certificate")));
                        local der = require "util.x509".pem2der(file:read("*a"));
                        file:close();
                        return sha384(der);
                    end);
                end
                return handler;
            end
        end
        module:hook("stream-features", function (event)
            if event.origin.username or not event.origin.secure then return; end
            local list = event.features:tag("sasl-channel-binding", { xmlns = "urn:xmpp:sasl-cb:0" });
            for _, name in ipairs(types) do list:tag("channel-binding", { type = name }):up(); end
            list:up();
        end);
        """#
}
