"""The root in which Libervia runs: Debian trixie with its packages, in a folder of its own, built once and kept.

`python3 root.py FOLDER` builds it, and does nothing when it is there. It needs root, mmdebstrap, a Debian mirror (the host's own), about
four minutes and 1 GB. Nothing of the host is changed.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import time

SUITE = "trixie"
# Without python3-gpg, which libervia-backend does not depend on, the plugin of XEP-0373 is missing, and the e-mail gateway with it.
PACKAGES = [
    "libervia-backend", "libervia-cli", "python3-gpg", "python3-aiosmtpd", "python3-autobahn", "python3-cbor2",
    "dovecot-imapd", "prosody", "gnupg", "gpg-agent", "dbus-bin", "dbus-daemon", "openssl", "ca-certificates", "procps",
]
USER, UID = "rig", 61234
CERTIFIED = ["localhost", "email.localhost"]


def mirror():
    """The mirror that this machine installs from; OXBOW_DEBIAN_MIRROR is another."""
    if given := os.environ.get("OXBOW_DEBIAN_MIRROR"):
        return given
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(path) as file:
            if found := re.search(r"^URIs:\s*(https?://\S+)", file.read(), re.M | re.I):
                return found[1]
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*.list"))]:
        if os.path.exists(path):
            with open(path) as file:
                if found := re.search(r"^deb\s+(?:\[.*?\]\s+)?(https?://\S+)", file.read(), re.M):
                    return found[1]
    sys.exit("interop-libervia: no Debian mirror in /etc/apt; set OXBOW_DEBIAN_MIRROR")


def run(log, *command, **options):
    """Runs a command with its output in a log; what it said last is the error when it fails."""
    with open(log, "ab") as file:
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False, **options).returncode
    if code:
        with open(log, errors="replace") as file:
            sys.exit(f"interop-libervia: {command[0]} failed ({code}); the end of {log}:\n" + "".join(file.readlines()[-20:]))


class Root:
    """The folder of the root. `done` in it says that it is whole."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.path = f"{self.folder}/root"
        self.log = f"{self.folder}/build.log"
        self.done = f"{self.folder}/done"

    def build(self):
        """Builds what is missing, and returns how long it took."""
        start = time.monotonic()
        # A list that has changed is another root.
        recipe = "\n".join([SUITE, *PACKAGES, *CERTIFIED]) + "\n"
        if os.path.exists(self.done):
            with open(self.done) as file:
                if file.read() == recipe:
                    return 0
        if os.geteuid() != 0:
            sys.exit("interop-libervia: building the root needs root (sudo scripts/interop-libervia)")
        if not shutil.which("mmdebstrap"):
            sys.exit("interop-libervia: mmdebstrap is missing: apt-get install mmdebstrap")
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        if os.path.exists(self.path):
            shutil.rmtree(self.path)
        run(
            self.log, "mmdebstrap", "--mode=root", "--variant=minbase", "--components=main", f"--include={','.join(PACKAGES)}",
            "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/locale/*", '--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Retries "5"',
            SUITE, self.path, mirror(),
        )
        self.furnish()
        with open(self.done, "w") as file:
            file.write(recipe)
        return time.monotonic() - start

    def furnish(self):
        """A user, no way out of loopback, and a certificate that Libervia trusts."""
        run(self.log, "chroot", self.path, "groupadd", "-g", str(UID), USER)
        run(self.log, "chroot", self.path, "useradd", "-K", "UID_MAX=65000", "-u", str(UID), "-g", USER, "-M", "-d", "/rig/home", USER)
        self.write("etc/hosts", "127.0.0.1 " + " ".join(CERTIFIED) + "\n")
        self.write("etc/resolv.conf", "")
        self.write("etc/nsswitch.conf", re.sub(r"^hosts:.*$", "hosts: files", self.read("etc/nsswitch.conf"), flags=re.M))
        # Libervia's plugin for NAT ports multicasts as soon as it is imported; it is left out when this import fails.
        self.write("rig/stubs/miniupnpc.py", 'raise ImportError("nothing beyond loopback")\n')
        tls = f"{self.path}/rig/tls"
        os.makedirs(tls)
        names = ",".join(f"DNS:{name}" for name in CERTIFIED) + ",IP:127.0.0.1"
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for arguments in (
            [*new, "-x509", "-days", "3650", "-subj", "/CN=rig", "-keyout", "ca.key", "-out", "ca.crt", "-addext", "keyUsage=critical,keyCertSign"],
            [*new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr", "-addext", f"subjectAltName={names}"],
            ["x509", "-req", "-days", "3650", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-copy_extensions", "copy", "-out", "server.crt"],
        ):
            run(self.log, "openssl", *arguments, cwd=tls)
        os.chmod(f"{tls}/server.key", 0o640)
        os.chown(f"{tls}/server.key", 0, UID)
        shutil.copy(f"{tls}/ca.crt", f"{self.path}/usr/local/share/ca-certificates/rig.crt")
        run(self.log, "chroot", self.path, "update-ca-certificates")

    def read(self, name):
        with open(f"{self.path}/{name}") as file:
            return file.read()

    def write(self, name, text):
        """Writes a file of the root, readable by all."""
        path = f"{self.path}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o644)

    def versions(self):
        """What is installed, for the report."""
        out = subprocess.run(
            ["chroot", self.path, "dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libervia-backend", "prosody", "dovecot-imapd", "gnupg"],
            capture_output=True, text=True, check=True,
        )
        return ", ".join(out.stdout.split("\n")).strip(", ")


if __name__ == "__main__":
    os.umask(0o022)
    root = Root(sys.argv[1])
    print(f"{root.build():.0f} s; {root.versions()}")
