"""go-sendxmpp as somebody who visits: an OX client that is not ours. It refuses OX to root, and so runs as `nobody` then."""

import os
import queue
import shutil
import subprocess
import threading

import owned


class Visitor:
    """An account with its go-sendxmpp, in a home of its own."""

    def __init__(self, jid, password, server):
        self.jid = jid
        self.user = owned.unprivileged()
        self.home = owned.folder("oxv", self.user)
        self.command = ["go-sendxmpp", "-u", jid, "-p", password, "-j", f"127.0.0.1:{server.port}"]
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.home, "LANG": "C.UTF-8",
            "SSL_CERT_FILE": server.ca, "SSL_CERT_DIR": "/nonexistent",
        }
        self.listener = None
        self.lines = queue.Queue()

    def spawn(self, *arguments, **options):
        return owned.spawn([*self.command, *arguments], user=self.user, cwd=self.home, env=self.environment, **options)

    def run(self, *arguments, text="", seconds=60):
        """Runs it to its end; raises RuntimeError with what it said if it fails."""
        process = self.spawn(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            out, _ = process.communicate(text.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            owned.stop(process)
            raise RuntimeError(f"go-sendxmpp took longer than {seconds} s") from None
        if process.returncode:
            raise RuntimeError(f"go-sendxmpp: {out.decode(errors='replace').strip()}")
        return out.decode(errors="replace")

    def make_key(self):
        self.run("--ox-genprivkey-x25519")

    def send(self, text, to):
        self.run("--ox", to, text=text + "\n")

    def listen(self):
        """Starts the listener; its lines come out of `lines`."""
        self.listener = self.spawn("--listen", "--ox", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        def relay():
            for line in self.listener.stdout:
                self.lines.put(line.decode(errors="replace").rstrip("\n"))
            self.lines.put(None)

        threading.Thread(target=relay, daemon=True).start()

    def heard(self, sender, seconds=30):
        """The text of the next encrypted message of `sender`; all of its lines."""
        while True:
            try:
                line = self.lines.get(timeout=seconds)
            except queue.Empty:
                raise RuntimeError(f"{self.jid} heard nothing of {sender} within {seconds} s") from None
            if line is None:
                raise RuntimeError(f"{self.jid}'s listener has ended")
            if f"[OX] {sender}" in line:
                text = [line.split(": ", 1)[1] if ": " in line else ""]
                try:
                    while more := self.lines.get(timeout=0.3):
                        text.append(more)
                except queue.Empty:
                    pass
                return "\n".join(text)

    def remove(self):
        if self.listener is not None:
            owned.kill_group(self.listener)
            self.listener.wait()
        shutil.rmtree(self.home, ignore_errors=True)
