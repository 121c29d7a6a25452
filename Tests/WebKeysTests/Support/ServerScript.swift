/// The server of ``Directory``: its own small PKI by openssl, four listeners, and an end when its standard input ends.
enum ServerScript {
    static let text = #"""
        import atexit, http.server, json, os, shutil, signal, socket, ssl, subprocess, sys, threading, urllib.parse

        folder = sys.argv[1]
        os.chdir(folder)
        # However it ends: also when nobody reads the ports any more, or somebody ends all of the test run.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        KEY = bytes([0xC6, 3, 4, 0, 0])  # the frame of a public key

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, stderr=subprocess.DEVNULL)

        NEW = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

        def issue(name, names, vouched=True):
            if not vouched:
                openssl("req", "-x509", *NEW, "-keyout", name + ".key", "-out", name + ".crt", "-days", "2", "-subj", "/CN=" + name,
                        "-addext", "subjectAltName=" + names)
                return
            openssl("req", *NEW, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
            open(name + ".ext", "w").write("subjectAltName=" + names + "\n")
            openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                    "-sha256", "-extfile", name + ".ext", "-out", name + ".crt")

        NAMES = "DNS:example.org,DNS:*.example.org,DNS:xn--exmple-cua.org,DNS:*.xn--exmple-cua.org"
        openssl("req", "-x509", *NEW, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Oxbow test authority")
        issue("good", NAMES)
        issue("foreign", "DNS:example.com,DNS:*.example.com")
        issue("unvouched", NAMES, vouched=False)

        log = open("log", "a")
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

            def do_GET(self):
                with lock:
                    host = self.headers["Host"]
                    json.dump({"host": host, "path": self.path, "headers": dict(self.headers)}, log)
                    log.write("\n")
                    log.flush()
                who = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("l", [""])[0]
                status, _, _ = who.partition("-")
                if status.isdigit():
                    self.answer(int(status), KEY, {"Set-Cookie": "a=b", "Location": "https://" + host + "/.well-known/elsewhere?l=" + who})
                elif who == "page":
                    self.answer(200, b"<!DOCTYPE html><title>All pages are this page</title>")
                elif who == "empty":
                    self.answer(200)
                elif who == "limit":
                    # A marker packet and padding of as many bytes as fill the limit.
                    size = 65536 - len(KEY) - 6
                    self.answer(200, KEY + bytes([0xD5, 255]) + size.to_bytes(4, "big") + bytes(size))
                elif who == "big":
                    self.answer(200, KEY + bytes(65537 - len(KEY)))
                elif who == "endless":
                    self.send_response(200)
                    self.end_headers()
                    while True:
                        self.wfile.write(KEY * 1000)
                elif who == "header":
                    self.answer(200, KEY, {"X-%d" % i: "x" * 1000 for i in range(64)})
                elif who == "compressed":
                    self.answer(200, KEY, {"Content-Encoding": "gzip"})
                elif who == "cut":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(KEY)
                    self.close_connection = True
                elif who in ("slow", "left"):
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(KEY)
                    self.wfile.flush()
                    self.rfile.read(1)  # until the client has gone
                    self.close_connection = True
                else:
                    self.answer(200, KEY)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

            def finish_request(self, request, address):
                # The handshake belongs to the connection's own thread.
                if self.tls:
                    request = self.tls.wrap_socket(request, server_side=True)
                super().finish_request(request, address)

        ports = {}
        for name in ("good", "foreign", "unvouched", "plain"):
            server = Server(("127.0.0.1", 0), Handler)
            server.tls = None
            if name != "plain":
                server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                server.tls.load_cert_chain(name + ".crt", name + ".key")
            ports[name] = server.server_address[1]
            threading.Thread(target=server.serve_forever, daemon=True).start()
        # Bound and not listened to: a connection is refused, and nobody else gets the port.
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        ports["closed"] = closed.getsockname()[1]
        print(json.dumps(ports))
        sys.stdin.buffer.read()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
        """#
}
