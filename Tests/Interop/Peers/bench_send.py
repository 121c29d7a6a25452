#!/usr/bin/env python3
"""`oxbow send` against `go-sendxmpp --ox`, in turn on one server: from a cold start to the end of the process.

    bench_send.py OXBOW [ROUNDS]

Both log in, fetch the recipient's key, sign and encrypt, send, and end. `oxbow send` ends when the server has acknowledged the message;
go-sendxmpp ends when it has written it. Both have their own key since an earlier run.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time

import owned
from prosody import Prosody
from visitor import Visitor


def timed(process_of):
    """Seconds of a process from its start to its end, its CPU seconds, and its peak RSS in MB (children that it waited for included)."""
    start = time.monotonic()
    process = process_of()
    process.stdin.write(b"a line of text\n")
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    said = process.stdout.read().decode(errors="replace")
    if process.returncode:
        sys.exit(f"bench: {process.args} ended with {process.returncode}:\n{said}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    oxbow = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder = owned.folder("oxs", owned.unprivileged())
    server = other = reader = None
    try:
        server = Prosody()
        server.prepare()
        server.start()
        for name in ("ours", "theirs", "reader"):
            server.account(f"{name}@localhost", "secret")
        reader = Visitor("reader@localhost", "secret", server)
        reader.make_key()
        other = Visitor("theirs@localhost", "secret", server)
        other.make_key()
        config = f"{folder}/config.yaml"
        with open(config, "w", encoding="utf-8") as f:
            f.write(
                "state: s\nlog: {level: error}\naccounts:\n  - jid: ours@localhost\n    password: secret\n"
                f"    connect: {{host: 127.0.0.1, port: {server.port}, tls: starttls, ca: {server.ca}}}\n"
            )
        os.chmod(config, 0o644)
        ours = [oxbow, "send", "--to", "reader@localhost", "--config", config]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        runs = {
            "oxbow send": lambda: owned.spawn(ours, user=owned.unprivileged(), cwd=folder, env=environment, **pipes),
            "go-sendxmpp --ox": lambda: other.spawn("--ox", "reader@localhost", **pipes),
        }
        for run in runs.values():
            timed(run)  # Keys, state and the page cache.
        results = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                results[name].append(timed(run))
        print("send: cold start to the end of the process, in turn, one Prosody on loopback")
        print(f"  oxbow         {version([oxbow, '--version'])}: {' '.join(['oxbow', *ours[1:-1], 'config.yaml'])}")
        print(f"  go-sendxmpp   {version(['go-sendxmpp', '--version'])}: go-sendxmpp -u theirs@localhost -p … -j 127.0.0.1:PORT --ox reader@localhost")
        print(f"  prosody       {package('prosody')}, gnupg {package('gnupg')}, {rounds} rounds")
        print(f"  {'':18}{'median':>9}{'best':>9}{'worst':>9}{'CPU':>9}{'RSS':>9}")
        for name, values in results.items():
            wall = [v[0] * 1000 for v in values]
            print(
                f"  {name:18}{statistics.median(wall):6.0f} ms{min(wall):6.0f} ms{max(wall):6.0f} ms"
                f"{statistics.median(v[1] for v in values) * 1000:6.0f} ms{max(v[2] for v in values):6.0f} MB"
            )
        ratio = statistics.median(v[0] for v in results["oxbow send"]) / statistics.median(v[0] for v in results["go-sendxmpp --ox"])
        print(f"  ratio of the medians: {ratio:.2f} (to hold: at most 1)")
    finally:
        for one in (other, reader):
            if one is not None:
                one.remove()
        if server is not None:
            server.remove()
        for path, folders, _ in os.walk(folder):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def package(name):
    return subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    main()
