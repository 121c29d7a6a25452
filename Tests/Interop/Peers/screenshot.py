#!/usr/bin/env python3
"""Pictures of the status page, for scripts/screenshot.

    screenshot.py OXBOW FOLDER            runs Oxbow with a server of its own, lets something happen, and looks
    screenshot.py --page FILE FOLDER      looks at a page that is there already
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import owned
from chromium import Chromium

SIZES = [("phone", 360, 800), ("desk", 1280, 900)]
USER, PASSWORD, TOKEN = "ops", "a password for the picture", "a-token-for-the-picture"

CONFIG = """
state: {folder}/s
bots: {root}/bots
http:
  listen: 127.0.0.1:0
  credentials:
    ops: {{user: {user}, password: "{password}", may: [status]}}
    alertmanager: {{token: {token}, may: [hooks]}}
  metrics: {{listen: 127.0.0.1:0}}
people:
  ada: ada@localhost
alerts:
  account: alerts@localhost
  allow: [ada]
  routes:
    alerts: {{source: alertmanager, to: [ada]}}
accounts:
  - jid: alerts@localhost
    password: "{password}"
    connect: &server {{host: 127.0.0.1, port: {port}, tls: starttls, ca: {ca}}}
    trust: tofu
    bots: [alerts, help]
  - jid: helper@localhost
    password: "not its password"
    connect: *server
    trust: tofu
    bots: [echo]
log: {{format: json}}
"""

ALERT = {
    "version": "4", "groupKey": "{}:{alertname=\"DiskWillFillIn4Hours\"}", "truncatedAlerts": 0, "status": "firing", "receiver": "oxbow",
    "groupLabels": {"alertname": "DiskWillFillIn4Hours"},
    "commonLabels": {"alertname": "DiskWillFillIn4Hours", "instance": "db1", "severity": "critical"},
    "commonAnnotations": {"summary": "/var/lib/postgresql on db1 has 3% left"}, "externalURL": "http://127.0.0.1:9093",
    "alerts": [{
        "status": "firing", "labels": {"alertname": "DiskWillFillIn4Hours", "instance": "db1", "severity": "critical"},
        "annotations": {"summary": "/var/lib/postgresql on db1 has 3% left"}, "startsAt": "2026-11-21T20:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://127.0.0.1:9090/graph", "fingerprint": "5f2c9d0e7a6b41c8",
    }],
}


def look(url, headers, folder):
    """Takes all pictures; returns whether nothing is wrong."""
    backs, good = {}, True
    with Chromium() as browser:
        for name, width, height in SIZES:
            for scheme in ("light", "dark"):
                for whole in (False, True):
                    picture = f"{folder}/{name}-{scheme}{'-whole' if whole else ''}.png"
                    seen, problems = browser.visit(url, width, height, scheme, headers, picture, whole)
                    backs[scheme] = seen["back"]
                    if problems:
                        good = False
                    for problem in dict.fromkeys(problems):
                        print(f"screenshot: {picture}: {problem}", file=sys.stderr)
                    print(f"{picture}  {os.path.getsize(picture) // 1024} KiB  \"{seen['title']}\"  {seen['width']}x{seen['height']}")
    if backs["light"] == backs["dark"]:
        print("screenshot: light and dark are the same", file=sys.stderr)
        good = False
    return good


def fetch(url, headers, body=None):
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def address_in(log, seconds=60):
    """Where the main listener is, as the log tells it: it is the first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with open(log, errors="replace") as f:
            lines = f.read().splitlines()
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("message") == "listening":
                return entry["metadata"]["address"]
        time.sleep(0.1)
    raise RuntimeError("no listener in the log:\n" + "\n".join(lines[-10:]))


def live(oxbow, folder):
    from demo import Daemon
    from prosody import Prosody

    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    place = owned.folder("oxs")
    server = daemon = None
    try:
        server = Prosody()
        server.prepare()
        server.start()
        for jid in ("alerts@localhost", "helper@localhost", "ada@localhost"):
            server.account(jid, PASSWORD)
        config = f"{place}/config.yaml"
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(folder=place, root=root, user=USER, password=PASSWORD, token=TOKEN, port=server.port, ca=server.ca))
        os.chmod(config, 0o600)
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME", "TERM", "LD_LIBRARY_PATH")}
        daemon = Daemon(os.path.abspath(oxbow), config, environment, place)
        address = address_in(daemon.log)
        daemon.wait("key announced", 1, 60)
        url = f"http://{address}/"
        for _ in range(2):
            status, _, text = fetch(url + "hooks/alerts", {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"},
                                    json.dumps(ALERT).encode())
            if status >= 300:
                raise RuntimeError(f"the hook answers {status}: {text}")
        if fetch(url, {})[0] != 401:
            raise RuntimeError("the page is shown to anybody")
        headers = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
        status, given, text = fetch(url, headers)
        if status != 200 or "DiskWillFillIn4Hours" not in text:
            raise RuntimeError(f"the page has status {status}, or doesn't show the alert")
        if "script" in text.lower() or "default-src 'none'" not in (given["Content-Security-Policy"] or ""):
            raise RuntimeError("the page has a script, or no policy")
        # The alert waits for a key of the recipient, which has none.
        deadline = time.monotonic() + 30
        while ">held</span>" not in fetch(url, headers)[2] and time.monotonic() < deadline:
            time.sleep(0.3)
        good = look(url, headers, folder)
        if daemon.end() != 0:
            raise RuntimeError("oxbow run did not end well")
        daemon = None
        return good
    except Exception:
        if daemon is not None:
            print("\n".join(daemon.text().splitlines()[-30:]), file=sys.stderr)
        raise
    finally:
        if daemon is not None:
            owned.stop(daemon.process)
        if server is not None:
            server.remove()
        for path, folders, _ in os.walk(place):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(place, ignore_errors=True)


def main():
    def leave(*_):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        if sys.argv[1] == "--page":
            return 0 if look("file://" + os.path.abspath(sys.argv[2]), {}, sys.argv[3]) else 1
        return 0 if live(sys.argv[1], sys.argv[2]) else 1
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, OSError) as error:
        print(f"screenshot: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
