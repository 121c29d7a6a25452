import Foundation
import TestSupport

/// A real web server on loopback: Python's, in a process that ends when this one does. It answers by the path, and writes down what it was asked.
final class ScriptedServer: Sendable {
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// A request that the server has read.
    struct Request: Decodable, Hashable, Sendable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: String
    }

    let folder: String
    let port: UInt16
    private let process: Companion

    /// Its address, with a part before each path that says how it answers.
    func url(_ way: String) -> String { "http://127.0.0.1:\(port)/\(way)" }

    /// What it was asked with this first part of the path.
    func requests(_ way: String) throws -> [Request] {
        let text = try String(contentsOfFile: folder + "/log", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
            .filter { $0.path.hasPrefix("/\(way)/") || $0.path == "/\(way)" }
    }

    private static let made = Task { try await ScriptedServer() }
    /// The one server of the tests.
    static func running() async throws -> ScriptedServer { try await made.value }

    private init() async throws {
        // The server removes it when it ends.
        folder = "/tmp/oxa-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try Self.script.write(toFile: folder + "/server.py", atomically: true, encoding: .utf8)
        // Its first line is the port.
        let line: String
        (process, line) = try await Companion.start("/usr/bin/python3", ["-u", folder + "/server.py", folder])
        guard let port = UInt16(line) else { throw Failure(description: "the web server doesn't start: \(line)") }
        self.port = port
    }

    private static let script = #"""
        import atexit, http.server, json, os, shutil, signal, sys, threading

        folder = sys.argv[1]
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        log = open(folder + "/log", "a")
        lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, content=b"", headers={}):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                with lock:
                    json.dump({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}, log)
                    log.write("\n")
                    log.flush()
                way = self.path.split("/")[1]
                if way.isdigit():
                    self.answer(int(way), b"secret words of the server", {"Location": "/elsewhere"})
                elif way.startswith("good"):
                    self.answer(200, b'{"silenceID": "6c8b5a1e-0d2f-4c7e-9d3b-2f1a7c9e8b10"}')
                elif way == "odd":
                    self.answer(200, b'{"silenceID": "../../x"}')
                elif way == "page":
                    self.answer(200, b"<!DOCTYPE html>")
                elif way == "big":
                    self.answer(200, b"x" * 70000)
                elif way == "ended":
                    if self.command == "GET":
                        self.answer(200, b'{"status": {"state": "expired"}}')
                    else:
                        self.answer(500, b"already expired")
                elif way == "hang":
                    sys.stdin.read()
                else:
                    self.answer(404)

            do_GET = do_POST = do_DELETE = handle_any

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """#
}
