#!/usr/bin/env python3
"""Runs the services of compose.yaml with its own files, in images that buildah has made, and lets an alert go through them.

    unshare --net --mount compose.py ROOT WORK

As compose would: the images' own user, entrypoint and command; environment, secrets and volumes of compose.yaml. There is no Docker here, so
each service is `buildah run` with chroot isolation; they share one network of their own, in which their names are 127.0.0.1. Prints one line a
finding, and numbers as `NUMBER name value`.
"""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request

import yaml

root, work = map(os.path.abspath, sys.argv[1:3])
sys.path.insert(0, f"{root}/Tests/Interop/Peers")
import owned  # noqa: E402
from visitor import Visitor  # noqa: E402

BUILDAH = ["buildah", "--root", f"{work}/store", "--runroot", f"{work}/run"]
IMAGES = {
    "prosody": "localhost/oxbow-test-prosody", "alertmanager": "localhost/oxbow-test-alertmanager", "oxbow": "localhost/oxbow:test",
}
SECRETS = "./packaging/compose/secrets/"
running = []


def sh(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout.strip()


def say(text):
    print(text, flush=True)


class Service:
    """One service of compose.yaml."""

    def __init__(self, name, compose):
        self.name = name
        self.section = compose["services"][name]
        self.container = f"oxbow-test-{name}"
        subprocess.run([*BUILDAH, "rm", self.container], capture_output=True, check=False)
        sh(*BUILDAH, "from", "--name", self.container, IMAGES[name])
        self.config = json.loads(sh(*BUILDAH, "inspect", "--type", "container", self.container))["Docker"]["config"]
        folder = sh(*BUILDAH, "mount", self.container)
        # Without --no-hosts buildah mounts a file of its own there, before ours or after it.
        self.options = ["--no-hosts", "-v", f"{work}/hosts:/etc/hosts:ro"]
        for volume in self.section.get("volumes", []):
            source, target, *mode = volume.split(":")
            if source.startswith("."):
                source = os.path.normpath(f"{root}/{source}")
            else:
                # A new volume has the owner that the image's folder has.
                facts = os.stat(folder + target)
                source = f"{work}/volumes/{source}"
                os.makedirs(source)
                os.chown(source, facts.st_uid, facts.st_gid)
                os.chmod(source, facts.st_mode & 0o777)
            self.options += ["-v", ":".join([source, target, *mode])]
        for secret in self.section.get("secrets", []):
            file = compose["secrets"][secret]["file"].replace(SECRETS, f"{work}/secrets/")
            self.options += ["-v", f"{file}:/run/secrets/{secret}:ro"]
        for key, value in self.section.get("environment", {}).items():
            value = re.sub(r"[$][{][A-Z_]+:-([^}]*)[}]", lambda found: found[1], value)
            self.options += ["--env", f"{key}={value}"]
        self.process = None

    def command(self, *words):
        return [*BUILDAH, "run", "--isolation", "chroot", *self.options, self.container, "--", *words]

    def start(self):
        words = [*(self.config.get("Entrypoint") or []), *(self.section.get("command") or self.config.get("Cmd") or [])]
        self.log = f"{work}/{self.name}.log"
        with open(self.log, "wb") as log:
            self.process = owned.spawn(self.command(*words), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        running.append(self)
        self.started = time.monotonic()

    def exec(self, *words):
        return subprocess.run(self.command(*words), capture_output=True, text=True, check=False)

    def wait(self, works, seconds=60):
        deadline = time.monotonic() + seconds
        while not works():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended with {self.process.returncode}:\n{self.text()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} isn't ready after {seconds} s:\n{self.text()}")
            time.sleep(0.2)
        return time.monotonic() - self.started

    def text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def children(self):
        """The processes within: (pid, program, resident kB)."""
        parents = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    parents[int(pid)] = int(file.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
        found, frontier = [], [self.process.pid]
        while frontier:
            parent = frontier.pop()
            below = [pid for pid, above in parents.items() if above == parent]
            frontier += below
            found += below
        result = []
        for pid in found:
            try:
                with open(f"/proc/{pid}/status") as file:
                    facts = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                result.append((pid, facts["Name"], int(facts.get("VmRSS", "0 kB").split()[0])))
            except (OSError, KeyError, ValueError):
                continue
        return result

    def end(self, program, seconds):
        """SIGTERM to the process that the container runs, as Docker sends it; the exit code and the seconds that it took."""
        pid = next(pid for pid, name, _ in self.children() if name == program)
        start = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        code = self.process.wait(seconds)
        running.remove(self)
        return code, time.monotonic() - start


def listens(port):
    def look():
        return subprocess.run(["bash", "-c", f"</dev/tcp/127.0.0.1/{port}"], capture_output=True, check=False).returncode == 0
    return look


def secret(name):
    with open(f"{work}/secrets/{name}") as file:
        return file.read().strip()


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    context = ssl.create_default_context(cafile=f"{work}/secrets/ca.crt")
    with urllib.request.urlopen(request, context=context, timeout=20) as answer:
        return answer.status, answer.read().decode()


def fire(name):
    body = json.dumps([{"labels": {"alertname": name, "severity": "critical"}, "annotations": {"summary": "the disk is full"}}])
    request = urllib.request.Request(
        "http://127.0.0.1:9093/api/v2/alerts", data=body.encode(), headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=20).close()


class Server:
    port = 5222
    ca = f"{work}/you/ca.crt"


def main():
    with open(f"{root}/compose.yaml") as file:
        compose = yaml.safe_load(file)
    sh("ip", "link", "set", "lo", "up")
    with open(f"{work}/hosts", "w") as file:
        file.write("127.0.0.1 localhost " + " ".join(compose["services"]) + "\n")
    sh("rm", "-rf", f"{work}/volumes", f"{work}/you")
    # go-sendxmpp doesn't run as root, and the secrets' folder is for root.
    os.makedirs(f"{work}/you", mode=0o755)
    sh("cp", f"{work}/secrets/ca.crt", Server.ca)

    prosody, alertmanager, oxbow = (Service(name, compose) for name in ("prosody", "alertmanager", "oxbow"))
    prosody.start()
    alertmanager.start()
    prosody.wait(listens(5222))
    alertmanager.wait(listens(9093))
    say("prosody and alertmanager listen")
    you = Visitor("you@localhost", secret("you-password"), Server)
    you.make_key()
    you.listen()

    oxbow.start()
    took = oxbow.wait(lambda: oxbow.exec("oxbow", "status", "--live").returncode == 0)
    say(f"NUMBER oxbow-live-seconds {took:.1f} (container start to the health check's first 0, its own start included)")
    oxbow.wait(lambda: oxbow.exec("oxbow", "status").returncode == 0)
    say("the account is online; the image's HEALTHCHECK passes")
    health = oxbow.config["Healthcheck"]["Test"]
    assert health == ["CMD", "oxbow", "status", "--live"], health
    check = oxbow.exec("oxbow", "check")
    assert check.returncode == 0, check.stderr
    say("oxbow check: " + (check.stderr.strip().replace("\n", "; ") or "no warnings"))

    start = time.monotonic()
    fire("DiskFull")
    text = you.heard("alerts@localhost", 90)
    assert "DiskFull" in text or "disk" in text, text
    say(f"an alert has come, encrypted: {text.splitlines()[0]!r}")
    say(f"NUMBER alert-seconds {time.monotonic() - start:.1f} (group_wait of 10 s included)")

    for url, token in [
        ("https://oxbow:8480/live", None), ("https://oxbow:8480/ready", None), ("https://oxbow:9480/metrics", secret("metrics-token")),
    ]:
        status, body = get(url.replace("//oxbow:", "//localhost:"), token)
        assert status == 200, (url, status)
        say(f"{url}: 200, {len(body)} bytes")

    # gpg-agent goes when it is idle; what stays is what an idle account costs.
    time.sleep(5)
    whole = 0
    for _, name, size in oxbow.children():
        if name in ("oxbow", "gpg-agent"):
            say(f"NUMBER rss-{name}-MB {size / 1024:.1f}")
            whole += size / 1024
    assert whole <= 60, f"an idle account needs {whole:.1f} MB"
    # Nothing may be written outside of /data: a root that can be read only is enough.
    code, seconds = oxbow.end("oxbow", 45)
    assert code == 0, f"oxbow ended with {code}:\n{oxbow.text()}"
    say(f"NUMBER stop-seconds {seconds:.1f} (SIGTERM to the end, exit code 0)")
    say("log of oxbow: " + oxbow.text().strip().splitlines()[-1])
    you.remove()


try:
    main()
except BaseException:
    for service in running:
        print(f"--- {service.name}\n{service.text()[-3000:]}", file=sys.stderr)
    raise
finally:
    for service in list(running):
        owned.kill_group(service.process)
        service.process.wait()
    for name in IMAGES:
        subprocess.run([*BUILDAH, "rm", f"oxbow-test-{name}"], capture_output=True, check=False)
