import Foundation
import Testing

@testable import YAMLConfiguration

@Suite("Secrets")
struct SecretTests {
    private let environment = ["PASSWORD": "s3cret", "PATH": "/usr/bin:/bin", "EMPTY": ""]

    private func secret(_ text: String) throws -> Secret { try value(text, .secret, environment: environment).get() }

    private func failure(_ text: String) async -> String {
        do { return "resolved to \(try await secret(text).resolve(environment: environment).count) characters" } catch { return "\(error)" }
    }

    @Test("come from text, a variable, a file or a command, without the trailing line break")
    func sources() async throws {
        #expect(try await secret("${PASSWORD}!").resolve(environment: environment) == "s3cret!")
        #expect(try await secret("{env: PASSWORD}").resolve(environment: environment) == "s3cret")
        #expect(try await secret("{command: [echo, 'a b', $PASSWORD]}").resolve(environment: environment) == "a b $PASSWORD")
        #expect(try await secret("{command: [printenv, PASSWORD]}").resolve(environment: environment) == "s3cret")
        try await withTemporaryFolder { folder in
            try Bytes.write("line\n\n", to: folder + "/p")
            #expect(try await secret("{file: \(folder)/p}").resolve(environment: environment) == "line\n")
            try Bytes.write("dos\r\n", to: folder + "/p")
            #expect(try await secret("{file: \(folder)/p}").resolve(environment: environment) == "dos")
        }
    }

    @Test("are resolved late: a changed file counts at the next attempt")
    func late() async throws {
        try await withTemporaryFolder { folder in
            let secret = try secret("{file: \(folder)/p}")
            #expect(secret.inspect(environment: [:]).error?.message == "can't open \(folder)/p: no such file or directory")
            try Bytes.write("one", to: folder + "/p")
            #expect(try await secret.resolve(environment: [:]) == "one")
            try Bytes.write("two", to: folder + "/p")
            #expect(try await secret.resolve(environment: [:]) == "two")
        }
    }

    @Test("appear in no description, dump, error or interpolation")
    func hidden() async throws {
        let inline = try secret("hunter2")
        var dumped = ""
        dump(inline, to: &dumped)
        for text in [
            "\(inline)", String(reflecting: inline), dumped, String(describing: Mirror(reflecting: inline).children.map { "\($0)" }),
        ] { #expect(!text.contains("hunter2")) }
        #expect(await !failure("{command: [sh, -c, 'echo hunter2; exit 3']}").contains("hunter2;"))
    }

    @Test("a secret that is empty, not text, or missing is an error that says what to do")
    func bad() async throws {
        #expect(await failure("{env: EMPTY}") == "config.yaml:1:4: x: the secret from the variable EMPTY is empty")
        #expect(await failure("{env: NOPE}") == "config.yaml:1:4: x: the environment has no variable NOPE; set it, or NOPE_FILE")
        #expect(await failure("{command: [printf, '\\377']}") == "config.yaml:1:4: x: the secret from the command printf is not UTF-8 text")
        #expect(
            await failure("{command: ['false']}") == "config.yaml:1:4: x: the command false ended with code 1; run it by hand to see why"
        )
        #expect(await failure("{command: [no-such-program]}").contains("there is no program no-such-program"))
        #expect(await failure("{command: [head, -c, '100000', /dev/zero]}").contains("wrote more than 65536 bytes"))
        #expect(value("${NOPE}", .secret, environment: environment).complaint.contains("the environment has no variable NOPE"))
        #expect(value("{file: a, env: B}", .secret).complaint == "config.yaml:1:4: x: needs exactly one of file, env and command")
        #expect(value("{fil: a}", .secret).complaint == "config.yaml:1:5: x.fil: unknown key; did you mean 'file'?")
        #expect(value("{command: echo}", .secret).complaint.contains("expected a list"))
    }

    @Test("a command gets no standard input, no descriptors of ours, and a session of its own")
    func command() async throws {
        do {
            #expect(try await secret("{command: [sh, -c, 'cat; echo end']}").resolve(environment: environment) == "end")
            // Not close-on-exec, as a library may have it.
            let held = open("/dev/null", O_RDONLY)
            try #require(held > 2)
            defer { close(held) }
            let listed = try await secret("{command: [ls, /proc/self/fd]}").resolve(environment: environment)
            // The fourth is the folder that ls itself reads.
            #expect(listed.split(separator: "\n") == ["0", "1", "2", "3"])
            // The sixth field of stat is the session, the first the process: field 2 (the name) is `sh`.
            let numbers = try await secret("{command: [sh, -c, 'read -r a b c d e f rest </proc/self/stat; echo $$a $$f']}").resolve(
                environment: environment
            ).split(separator: " ")
            #expect(numbers.count == 2 && numbers.first == numbers.last)
        }
    }

    @Test("a file that others can read is warned about")
    func permissions() async throws {
        try await withTemporaryFolder { folder in
            try Bytes.write("x", to: folder + "/p", mode: 0o640)
            let (error, warning) = try secret("{file: \(folder)/p}").inspect(environment: [:])
            #expect(error == nil)
            #expect(warning?.description == "config.yaml:1:4: x: \(folder)/p can be read by others; chmod 600 \(folder)/p")
            try Bytes.write("x", to: folder + "/p", mode: 0o600)
            #expect(try secret("{file: \(folder)/p}").inspect(environment: [:]).warning == nil)
            #expect(try secret("{command: [no-such-program]}").inspect(environment: environment).error != nil)
        }
    }

    @Test("one that is empty is found without fetching it", arguments: ["{file: FOLDER/p}", "{env: EMPTY}", "${EMPTY}", "''"])
    func empty(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            try Bytes.write("\n", to: folder + "/p", mode: 0o600)
            let found = try secret(text.replacing("FOLDER", with: folder)).inspect(environment: environment).error
            #expect(found?.message.contains("empty") == true)
        }
    }

    @Test("without running anything, all are known but those of commands; what is no text is found")
    func peeking() async throws {
        try await withTemporaryFolder { folder in
            try Bytes.write("one\n", to: folder + "/p", mode: 0o600)
            for (text, value) in [("${PASSWORD}", "s3cret"), ("{env: PASSWORD}", "s3cret"), ("{file: \(folder)/p}", "one")] {
                #expect(try secret(text).peek(environment: environment) == value)
            }
            let marker = folder + "/ran"
            let command = try secret("{command: [touch, \(marker)]}")
            #expect(try command.peek(environment: environment) == nil)
            #expect(command.inspect(environment: environment).error == nil)
            #expect(!FileManager.default.fileExists(atPath: marker))
            try [UInt8]([0xff]).withUnsafeBytes { try Bytes.write($0, to: folder + "/p") }
            let binary = try secret("{file: \(folder)/p}")
            #expect(throws: ConfigurationError.self) { try binary.peek(environment: [:]) }
            #expect(binary.inspect(environment: [:]).error?.message == "the secret from the file \(folder)/p is not UTF-8 text")
        }
    }

    @Test("one that stands in a file that others can read is warned about; a reference isn't")
    func inline() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/config.yaml"
            func warning(_ text: String, mode: Int) throws -> String? {
                try Bytes.write("x: \(text)\n", to: path, mode: mode)
                let key = Key("x", ValueType<Secret>.secret, "A secret")
                return try ConfigurationFile(path: path).read(Schema(key), environment: environment)[key].inspect(environment: environment)
                    .warning?.message
            }
            let (open, closed) = (try warning("hunter2", mode: 0o644), try warning("hunter2", mode: 0o600))
            let reference = try warning("${PASSWORD}", mode: 0o644)
            #expect(open == "stands in a file that others can read")
            #expect(closed == nil)
            #expect(reference == nil)
        }
    }

    @Test("a command that takes too long, or leaves somebody behind who holds its output, is killed with its children")
    func slow() async throws {
        try await withTemporaryFolder { folder in
            let script = "trap '' TERM; sleep 600 & echo $! > \(folder)/child; wait"
            #expect(throws: Complaint("the command sh took too long")) {
                try CommandOutput.read(["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], limit: 10, time: .milliseconds(500))
            }
            let child = try String(contentsOfFile: folder + "/child", encoding: .utf8).trimmingCharacters(in: .newlines)
            let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8))?.split(separator: " ")[2]
            #expect(state == nil || state == "Z")
        }
    }
}
