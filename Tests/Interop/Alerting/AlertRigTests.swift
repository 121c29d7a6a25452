import Testing

extension Alerting.Busy {
    /// That the peers do what the other tests need of them.
    @Suite struct AlertRigTests {
        @Test("The rig's Alertmanager takes alerts, sends them on with its token, and makes silences")
        func alertmanager() async throws {
            let ports = try await Web().ports(1)
            let listener = try await Leash(
                [
                    "python3", "-uc",
                    """
                    import http.server, sys
                    class Hook(http.server.BaseHTTPRequestHandler):
                        def do_POST(self):
                            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                            print(self.path, self.headers["Authorization"], body, flush=True)
                            self.send_response(200)
                            self.end_headers()
                    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook)
                    print("ready", flush=True)
                    server.serve_forever()
                    """, "\(ports[0])",
                ]
            )
            Cleanup.after { await listener.stop() }
            try await listener.line(containing: "ready")
            let manager = try await Alertmanager(to: .init(url: "http://127.0.0.1:\(ports[0])/hooks/alerts", token: "a-token"))
            try await manager.fire(["alertname": "DiskFull", "instance": "db-1"], annotations: ["summary": "no room"])
            let line = try await listener.line(containing: "DiskFull")
            #expect(line.contains("/hooks/alerts Bearer a-token") && line.contains(#""status":"firing""#), "\(line)")
            try await manager.resolve(["alertname": "DiskFull", "instance": "db-1"])
            try await listener.line(containing: #""status":"resolved""#)
            try await manager.amtool("silence", "add", "alertname=DiskFull", "--author=ada", "--comment=new disk", "--duration=2h")
            #expect(try await manager.silences().first?["createdBy"]?.string == "ada")
        }
    }
}
