"""Libervia's e-mail gateway and what it needs: Prosody, Dovecot, a mail server, D-Bus. All of it in the root that root.py builds.

Runs in namespaces of its own (scripts/interop-libervia makes them): nothing can reach beyond loopback, ports can't be taken by others,
mounts stay private, and all processes end with the first. What a run leaves lies in a temporary folder, not in the root.

What one has to know about Libervia 0.9 to run it, beside root.py's PACKAGES:
 - The component connects to the parent of its domain, and treats everybody else's domain as foreign: "Force server" stays empty.
 - IMAP is opened without TLS, and needs IDLE; an implicit-TLS port makes a registration hang. SMTP needs STARTTLS with a certificate that
   the system trusts for the host's name.
 - libervia.conf is read with interpolation: a % is written twice.
"""

import glob
import json
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import time

import owned
from root import UID

DOMAIN, GATEWAY, SECRET = "localhost", "email.localhost", "component-secret"
CLIENTS, COMPONENTS, SMTP, IMAP = 15222, 15347, 15587, 15143
CLOSED = 15199
STANZA_LIMIT = 4 << 20
# What logs say.
READY, CONNECTED = "Backend is ready", "External component successfully authenticated"
ACCOUNTS = {name: f"{name}-password" for name in ("bot", "alice", "dave", "erin")}
MAILBOXES = {f"{name}@example.test": f"{name}-mail-password" for name in ("bot", "alice", "carol", "dave", "erin")}

PROSODY = f"""
daemonize = false
pidfile = "/rig/state/prosody.pid"
data_path = "/rig/state/prosody"
certificates = "/rig/tls"
ssl = {{ key = "/rig/tls/server.key"; certificate = "/rig/tls/server.crt" }}
log = {{ debug = "*console" }}
interfaces = {{ "127.0.0.1" }}
component_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {CLIENTS} }}
component_ports = {{ {COMPONENTS} }}
c2s_direct_tls_ports = {{}}
s2s_ports = {{}}
s2s_direct_tls_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "carbons", "pep", "blocklist", "smacks", "offline" }}
modules_disabled = {{ "s2s", "admin_socket", "admin_shell" }}
limits = {{}}
c2s_stanza_size_limit = {STANZA_LIMIT}
component_stanza_size_limit = {STANZA_LIMIT}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = true
VirtualHost "{DOMAIN}"
Component "{GATEWAY}"
  component_secret = "{SECRET}"
"""

DOVECOT = f"""
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap
listen = 127.0.0.1
log_path = /dev/stderr
mail_driver = maildir
mail_path = ~/Maildir
mail_uid = {UID}
mail_gid = {UID}
first_valid_uid = {UID}
auth_mechanisms = plain login
ssl = yes
ssl_server_cert_file = /rig/tls/server.crt
ssl_server_key_file = /rig/tls/server.key
passdb passwd-file {{
  passwd_file_path = /rig/state/mailboxes
}}
userdb static {{
  fields {{
    uid = {UID}
    gid = {UID}
    home = /rig/state/mail/%{{user | domain}}/%{{user | username}}
  }}
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {IMAP}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""

LIBERVIA = """
[DEFAULT]
bridge = dbus
log_level = debug
log_fmt = %%(levelname)s [%%(name)s] %%(message)s
log_colors = false
"""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:path=/rig/state/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


class Trouble(Exception):
    """Something of the rig went wrong; the message says what."""


class Rig:
    """A running rig."""

    def __init__(self, root):
        self.root = root
        self.state = owned.folder("oxr")
        self.logs = f"{self.state}/logs"
        self.inside = f"{root.path}/rig/state"
        self.processes = {}
        os.chmod(self.state, 0o755)

    @property
    def ca(self):
        return f"{self.root.path}/rig/tls/ca.crt"

    # ---- start and end

    def start(self):
        """Starts everything; the gateway is connected when this returns."""
        self.furnish()
        self.daemon("smtpd", "python3", "/rig/state/smtpd.py", str(SMTP), "/rig/state/mailboxes", "/rig/tls", "/rig/state/mail")
        self.daemon("dovecot", "dovecot", "-F", "-c", "/rig/state/dovecot.conf", user="0:0")
        self.daemon("prosody", "prosody", "--config", "/rig/state/prosody.cfg.lua", "-F")
        self.daemon("dbus", "dbus-daemon", "--config-file=/rig/state/bus.conf", "--nofork")
        for name, port in (("smtpd", SMTP), ("dovecot", IMAP), ("prosody", CLIENTS), ("prosody", COMPONENTS)):
            self.wait(30, f"port {port}", lambda port=port: self.listens(port), name)
        self.wait(15, "the bus", lambda: os.path.exists(f"{self.state}/bus"), "dbus")
        self.daemon("libervia", "libervia-backend", "fg")
        self.wait(120, "Libervia", lambda: READY in self.log("libervia"), "libervia")
        self.say("profile", "create", "gateway", "-j", GATEWAY, "-p", "", "-x", SECRET, "-C", "email-gateway", "-A")
        self.say("param", "set", "Connection", "Force port", str(COMPONENTS), "-p", "gateway")
        self.say("profile", "connect", "-cp", "gateway")
        self.wait(60, "the gateway", lambda: CONNECTED in self.log("prosody"), "libervia")

    def restart_gateway(self):
        """Libervia forgets what it has cached, such as the credentials of who has unregistered."""
        ready, connected = (self.log("libervia").count(READY), self.log("prosody").count(CONNECTED))
        owned.stop(self.processes["libervia"], seconds=20)
        self.daemon("libervia", "libervia-backend", "fg")
        self.wait(120, "Libervia", lambda: self.log("libervia").count(READY) > ready, "libervia")
        self.wait(60, "the gateway", lambda: self.log("prosody").count(CONNECTED) > connected, "libervia")

    def furnish(self):
        """Folders, configuration, accounts, and the mounts, which only this namespace has."""
        for name in ("home", "mail", "prosody"):
            os.makedirs(f"{self.state}/{name}")
        os.makedirs(self.logs)
        for name, text in (
            ("prosody.cfg.lua", PROSODY), ("dovecot.conf", DOVECOT), ("bus.conf", BUS), ("home/libervia.conf", LIBERVIA),
            ("mailboxes", "".join(f"{address}:{{PLAIN}}{password}\n" for address, password in MAILBOXES.items())),
        ):
            with open(f"{self.state}/{name}", "w") as file:
                file.write(text)
        shutil.copy(f"{os.path.dirname(os.path.abspath(__file__))}/smtpd.py", self.state)
        for name, password in ACCOUNTS.items():
            os.makedirs(f"{self.state}/prosody/{DOMAIN}/accounts", exist_ok=True)
            with open(f"{self.state}/prosody/{DOMAIN}/accounts/{name}.dat", "w") as file:
                file.write(f'return {{ ["password"] = "{password}" }};\n')
        for folder, _, files in os.walk(self.state):
            for path in [folder, *(f"{folder}/{name}" for name in files)]:
                os.chown(path, UID, UID)
        os.makedirs(self.inside, exist_ok=True)
        for command in (
            ["--make-rprivate", "/"], ["--bind", self.state, self.inside], ["-t", "proc", "proc", f"{self.root.path}/proc"],
            ["--rbind", "/dev", f"{self.root.path}/dev"], ["-t", "tmpfs", "tmpfs", f"{self.root.path}/run"],
            ["-t", "tmpfs", "tmpfs", f"{self.root.path}/tmp"],
        ):
            subprocess.run(["mount", *command], check=True)

    def command(self, *arguments, user=None):
        """A command in the root, with nothing of this environment."""
        return [
            "chroot", f"--userspec={user or f'{UID}:{UID}'}", self.root.path, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8", "HOME=/rig/state/home", "XDG_RUNTIME_DIR=/rig/state", "DBUS_SESSION_BUS_ADDRESS=unix:path=/rig/state/bus",
            "PYTHONPATH=/rig/stubs", "PYTHONUNBUFFERED=1", *arguments,
        ]

    def daemon(self, name, *arguments, user=None):
        with open(f"{self.logs}/{name}.log", "ab") as log:
            self.processes[name] = owned.spawn(
                self.command(*arguments, user=user), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            )

    def say(self, *arguments):
        """Tells Libervia's backend something, by its command line."""
        done = subprocess.run(
            self.command("li", *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False, cwd="/"
        )
        if done.returncode:
            raise Trouble(f"li {' '.join(arguments[:2])}: {done.stdout}{done.stderr}")

    def wait(self, seconds, what, holds, daemon=None):
        """Waits until something holds; a daemon that has ended, or a time-out, is trouble with the end of its log."""
        end = time.monotonic() + seconds
        while not holds():
            ended = daemon and self.processes[daemon].poll() is not None
            if ended or time.monotonic() > end:
                tail = "\n    ".join(self.log(daemon).splitlines()[-15:]) if daemon else ""
                raise Trouble(f"{what} isn't there{' (it has ended)' if ended else f' within {seconds} s'}\n    {tail}")
            time.sleep(0.1)

    def log(self, name):
        with open(f"{self.logs}/{name}.log", errors="replace") as file:
            return file.read()

    @staticmethod
    def listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def end(self, keep=False):
        """Ends all processes; the folder goes too, unless it is to be kept."""
        for process in reversed(self.processes.values()):
            owned.stop(process)
        subprocess.run(["umount", self.inside], check=False)
        if not keep:
            shutil.rmtree(self.state, ignore_errors=True)

    # ---- mail

    def maildir(self, address):
        name, domain = address.split("@")
        return f"{self.state}/mail/{domain}/{name}/Maildir"

    def mails(self, address):
        """The mails of a mailbox, oldest first."""
        paths = [path for box in ("new", "cur") for path in glob.glob(f"{self.maildir(address)}/{box}/*")]
        mails = []
        for path in sorted(paths, key=lambda path: float(os.path.basename(path).split(".")[0])):
            with open(path, "rb") as file:
                mails.append(file.read())
        return mails

    def mail(self, address, count, seconds=30):
        """The mail that comes after `count` others."""
        self.wait(seconds, f"a mail for {address}", lambda: len(self.mails(address)) > count)
        return self.mails(address)[count]

    def submit(self, sender, recipient, mail):
        """Hands a mail to the server, as a mail program does."""
        with smtplib.SMTP("localhost", SMTP) as server:
            server.starttls(context=ssl.create_default_context(cafile=self.ca))
            server.login(sender, MAILBOXES[sender])
            server.sendmail(sender, [recipient], mail)

    def envelopes(self):
        path = f"{self.state}/mail/envelopes.jsonl"
        if not os.path.exists(path):
            return []
        with open(path) as file:
            return [json.loads(line) for line in file]

    def registration(self, name):
        """What `name` registers with."""
        address = f"{name}@example.test"
        return {
            "user_name": name.capitalize(), "user_email": address,
            "imap_host": "localhost", "imap_port": str(IMAP), "imap_username": address, "imap_password": MAILBOXES[address],
            "smtp_host": "localhost", "smtp_port": str(SMTP), "smtp_username": address, "smtp_password": MAILBOXES[address],
        }
