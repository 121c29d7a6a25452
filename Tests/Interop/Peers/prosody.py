#!/usr/bin/env python3
"""A throw-away Prosody on loopback: own configuration, own certificates, free ports, unprivileged, gone when stdin closes.

Prints one JSON line when it accepts connections: {"ready": true, "port": …, "tls_port": …, "component_port": …, "ca": …,
"stanzas": …, "log": …, "dir": …, "components": […], "component_secret": …}. Then answers orders, one JSON line each (an `id` is repeated):

    {"do": "account", "jid": "alice@localhost", "password": "…"}
    {"do": "delete", "jid": …}  removes an account, by Prosody's own shell: its streams are ended
    {"do": "password", "jid": …, "password": …}   changes its password in the same way
    {"do": "certificate", "host": …, "kind": "good" | "expired" | "other" | "unknown"}   another one from the next start on
    {"do": "stop"} | {"do": "start"} | {"do": "restart"}
    {"do": "proxy"}             a port that relays to the client port: {"port": …}
    {"do": "cut", "port": …}    resets every connection that came through that port
    {"do": "refuse", "port": …, "on": true}   lets the port's new connections be reset

`prosody.py BYTES` allows stanzas of that size (Prosody's own limit is 256 KiB for clients).

Hosts, all on the same ports:
    localhost           everything in order
    archive.localhost   with message archive (XEP-0313)
    expired.localhost   its certificate has expired
    other.localhost     its certificate is for somebody else
    unknown.localhost   its certificate is by an authority that `ca` does not contain
    plain.localhost     offers SASL PLAIN only
    binding.localhost   speaks TLS 1.2 only, and so offers SCRAM with channel binding (-PLUS)

Components on the component port, all with the secret `gateway-secret`: gateway.localhost, email.localhost, email2.localhost to
email12.localhost, rogue.localhost ("components" in the ready line, gateway.localhost excepted). Each takes one connection at a time.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import owned

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTS = [f"{name}.localhost" for name in ("archive", "expired", "other", "unknown", "plain", "binding")] + ["localhost"]

COMPONENTS = ["email.localhost", *(f"email{number}.localhost" for number in range(2, 13)), "rogue.localhost"]
SECRET = "gateway-secret"


class Certificates:
    """Two certificate authorities and what they sign, in one folder."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path)
        for name in ("ca", "stranger"):
            self._openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN=throw-away {name}",
                "-config", self._file("ca.cnf", "[req]\ndistinguished_name=dn\n[dn]\n"),
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-addext", "subjectKeyIdentifier=hash",
            )

    def _file(self, name, text):
        with open(os.path.join(self.path, name), "w") as f:
            f.write(text)
        return name

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.path, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"openssl {arguments[0]}: {done.stderr}")

    def make(self, name, dns, authority="ca", expired=False):
        """A certificate and key called NAME for a DNS name."""
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={dns}", "-config", "ca.cnf",
        )
        self._file("index.txt", "")
        self._file("index.txt.attr", "unique_subject = no\n")
        config = self._file(
            "sign.cnf",
            "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\npolicy=p\ndefault_md=sha256\n"
            f"[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:{dns}\nextendedKeyUsage=serverAuth\n"
            "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
        )
        dates = ["-startdate", "20240101000000Z", "-enddate", "20240201000000Z"] if expired else ["-days", "30"]
        self._openssl(
            "ca", "-batch", "-notext", "-config", config, "-cert", f"{authority}.pem", "-keyfile", f"{authority}.key",
            "-extensions", "x", "-in", f"{name}.csr", "-out", f"{name}.pem", *dates,
        )


class Relay(threading.Thread):
    """A TCP relay whose connections can be cut: what a lost network looks like."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.refusing = False
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            try:
                if self.refusing:
                    raise OSError
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                self.reset(client)
                continue
            self.pairs.append((client, server))
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    @staticmethod
    def reset(s):
        try:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for s in pair:
                self.reset(s)
        return len(pairs)


class Prosody:
    """The server and its folder."""

    def __init__(self, stanza_limit=None):
        self.stanza_limit = stanza_limit
        self.user = owned.unprivileged()
        self.dir = owned.folder("oxp", self.user)
        self.process = None
        self.port, self.tls_port, self.component_port = owned.free_ports(3)
        self.relays = {}
        certificates = Certificates(f"{self.dir}/certs")
        self.certificates = certificates
        for host in HOSTS:
            self.certificate(host, host.split(".")[0])
        self.ca = f"{self.dir}/certs/ca.pem"
        self.stanzas = f"{self.dir}/stanzas.jsonl"
        self.log = f"{self.dir}/prosody.log"
        open(self.stanzas, "w").close()
        with open(f"{self.dir}/prosody.cfg.lua", "w") as f:
            f.write(self.configuration())
        if self.user is not None:
            for root, folders, files in os.walk(self.dir):
                for name in folders + files:
                    os.chown(os.path.join(root, name), self.user, self.user)
        # The authority's certificate, the stanza log and the log are for the tests to read; the folder itself stays closed to others.

    def certificate(self, host, kind):
        """Makes the certificate of a host: a good one unless the kind says otherwise."""
        self.certificates.make(
            host, "elsewhere.example" if kind == "other" else host, authority="stranger" if kind == "unknown" else "ca",
            expired=kind == "expired",
        )
        if self.user is not None:
            for end in ("key", "pem"):
                os.chown(f"{self.dir}/certs/{host}.{end}", self.user, self.user)

    def configuration(self):
        hosts = ""
        for host in HOSTS:
            hosts += f'VirtualHost "{host}"\n'
            tls12 = '; options = { no_tlsv1_3 = true }' if host == "binding.localhost" else ""
            hosts += f'  ssl = {{ certificate = "{self.dir}/certs/{host}.pem"; key = "{self.dir}/certs/{host}.key"{tls12} }}\n'
            if host == "archive.localhost":
                hosts += '  modules_enabled = { "mam" }\n'
            if host == "plain.localhost":
                hosts += '  disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" }\n'
        components = "".join(f'Component "{name}"\n  component_secret = "{SECRET}"\n' for name in ["gateway.localhost", *COMPONENTS])
        limits = ""
        for kind in ("c2s", "component") if self.stanza_limit else ():
            limits += f"{kind}_stanza_size_limit = {self.stanza_limit}\n"
        return f"""
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
c2s_direct_tls_ports = {{ {self.tls_port} }}
component_ports = {{ {self.component_port} }}
component_interfaces = {{ "127.0.0.1" }}
s2s_ports = {{}}
s2s_direct_tls_ports = {{}}
http_ports = {{}}
https_ports = {{}}
data_path = "{self.dir}/data"
pidfile = "{self.dir}/prosody.pid"
plugin_paths = {{ "{self.dir}/modules" }}
stanza_log = "{self.stanzas}"
log = {{ debug = "{self.log}" }}
modules_enabled = {{
  "roster", "saslauth", "tls", "disco", "ping", "version", "time", "pep", "carbons", "blocklist", "smacks", "offline", "stanza_log",
  "admin_shell",
}}
modules_disabled = {{ "s2s" }}
admin_socket = "{self.dir}/admin.sock"
-- No rate limits: they would slow the tests, not the attacks.
limits = {{}}
c2s_require_encryption = true
allow_registration = false
authentication = "internal_plain"
storage = "internal"
smacks_hibernation_time = 60
c2s_close_timeout = 1
archive_expires_after = "never"
default_archive_policy = true
certificates = "{self.dir}/certs"
https_ssl = nil
c2s_direct_tls_ssl = {{ certificate = "{self.dir}/certs/localhost.pem"; key = "{self.dir}/certs/localhost.key" }}
{limits}
{hosts}
{components}
"""

    def start(self):
        output = open(f"{self.dir}/console.log", "ab")
        self.process = owned.spawn(
            ["prosody", "--config", f"{self.dir}/prosody.cfg.lua", "-F"], user=self.user, cwd=self.dir,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.dir, "LANG": "C.UTF-8"},
        )
        output.close()
        deadline = time.monotonic() + 30
        for port in (self.port, self.tls_port, self.component_port):
            while True:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("prosody did not start:\n" + self.tail())
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.02)

    def tail(self):
        text = ""
        for name in ("console.log", "prosody.log"):
            try:
                with open(f"{self.dir}/{name}", errors="replace") as f:
                    text += "".join(f.readlines()[-20:])
            except OSError:
                pass
        return text

    def stop(self):
        if self.process is not None:
            owned.stop(self.process)
            self.process = None

    def account(self, jid, password):
        """Writes the account where mod_storage_internal keeps it: much faster than prosodyctl."""
        user, host = jid.split("@")

        def encode(text):
            return "".join(c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) for c in text)

        path = f"{self.dir}/data/{encode(host)}/accounts"
        os.makedirs(path, exist_ok=True)
        file = f"{path}/{encode(user)}.dat"
        quoted = password.replace("\\", "\\\\").replace('"', '\\"')
        with open(file + "~", "w") as f:
            f.write(f'return {{ ["password"] = "{quoted}" }};\n')
        if self.user is not None:
            p = file + "~"
            while p != self.dir:
                os.chown(p, self.user, self.user)
                p = os.path.dirname(p)
        os.rename(file + "~", file)

    def shell(self, *words):
        """An order to the running server, by its own administration shell."""
        done = owned.spawn(
            ["prosodyctl", "--config", f"{self.dir}/prosody.cfg.lua", "shell", *words], user=self.user, cwd=self.dir,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.dir, "LANG": "C.UTF-8"},
        )
        said, _ = done.communicate(timeout=30)
        return {"ok": True} if done.returncode == 0 else {"error": said}

    def remove(self):
        # Nothing of it is needed any more: no time is spent on farewells.
        if self.process is not None:
            owned.kill_group(self.process)
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def obey(self, order):
        what = order["do"]
        if what == "account":
            self.account(order["jid"], order["password"])
        elif what == "delete":
            return self.shell("user", "delete", order["jid"])
        elif what == "password":
            return self.shell("user", "password", order["jid"], order["password"])
        elif what == "certificate":
            self.certificate(order["host"], order["kind"])
        elif what == "stop":
            self.stop()
        elif what == "start":
            self.start()
        elif what == "restart":
            self.stop()
            self.start()
        elif what == "proxy":
            relay = Relay(self.port)
            self.relays[relay.port] = relay
            return {"port": relay.port}
        elif what == "cut":
            return {"connections": self.relays[order["port"]].cut()}
        elif what == "refuse":
            self.relays[order["port"]].refusing = bool(order["on"])
        else:
            return {"error": f"unknown order {what}"}
        return {"ok": True}

    def ready(self):
        return {
            "ready": True, "port": self.port, "tls_port": self.tls_port, "component_port": self.component_port, "ca": self.ca,
            "stanzas": self.stanzas, "log": self.log, "dir": self.dir, "components": COMPONENTS, "component_secret": SECRET,
        }

    def prepare(self):
        """Modules where the server's user can read them, wherever the clone lies."""
        shutil.copytree(f"{HERE}/modules", f"{self.dir}/modules")
        os.chmod(f"{self.dir}/modules", 0o755)
        for name in os.listdir(f"{self.dir}/modules"):
            os.chmod(f"{self.dir}/modules/{name}", 0o644)
        # Peers under other users read the authority's certificate.
        os.chmod(self.dir, 0o711)
        os.chmod(f"{self.dir}/certs", 0o711)


def serve():
    def leave(*_):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = Prosody(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    try:
        server.prepare()
        server.start()
        print(json.dumps(server.ready()), flush=True)
        for line in sys.stdin:
            order = {}
            try:
                order = json.loads(line)
                answer = server.obey(order)
            except (KeyError, ValueError, OSError, subprocess.SubprocessError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps({"id": order.get("id"), **answer}), flush=True)
    except BrokenPipeError:
        pass
    finally:
        server.remove()


if __name__ == "__main__":
    serve()
