"""What the benchmarks share that run a server: a Prosody that holds nobody back, processes that speak JSON lines, heads of reports."""

import json
import os
import queue
import signal
import statistics
import subprocess
import sys
import threading
import time

import owned
from prosody import Prosody

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "secret"


class QuietProsody(Prosody):
    """The tests' server without the log of every stanza and every step, and with offline messages in memory: writing all that would be most
    of what is measured."""

    LIMITS = "no rate limits, sessions kept for 300 s, offline messages in memory, nothing logged below warnings"

    def configuration(self):
        text = super().configuration()
        for old, new in (
            (f'log = {{ debug = "{self.log}" }}', f'log = {{ warn = "{self.log}" }}'),
            (' "stanza_log",', ""),
            ('storage = "internal"', 'default_storage = "internal"\nstorage = { offline = "memory" }'),
            ("smacks_hibernation_time = 60", "smacks_hibernation_time = 300"),
        ):
            if old not in text:
                raise RuntimeError(f"the server's configuration has no '{old}' any more")
            text = text.replace(old, new)
        return text


class Speaker:
    """A child that says JSON lines; each is stamped with the time at which it was read, too."""

    def __init__(self, command, **options):
        self.process = owned.spawn(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        for line in self.process.stdout:
            now = time.monotonic()
            self.lines.put((now, json.loads(line)))
        self.lines.put((time.monotonic(), None))

    def say(self, *orders):
        self.process.stdin.write("".join(json.dumps(order) + "\n" for order in orders).encode())
        self.process.stdin.flush()

    def hear(self, *wanted, seconds=120):
        """The next line whose event is one of these (or which answers an id), with the time; others are passed over."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                at, said = self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"{self.process.args[0]}: no {' or '.join(map(str, wanted))} within {seconds} s") from None
            if said is None:
                raise RuntimeError(f"{self.process.args[0]} has ended")
            if said.get("event") == "failed" or "error" in said:
                raise RuntimeError(f"{self.process.args[0]}: {said.get('words') or said.get('error')}")
            if said.get("event") in wanted or said.get("id") in wanted:
                return at, said

    def cpu(self):
        """Seconds of CPU that its threads have used, those that have ended excepted."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def end(self):
        """Closes its stdin, which ends it."""
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            pass
        owned.kill_group(self.process)
        self.process.wait()


class Slixmpp:
    """The Python that has slixmpp: OXBOW_BENCH_SLIXMPP is a folder with it (`pip install --target`), else the system's."""

    def __init__(self):
        self.environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}
        folder = os.environ.get("OXBOW_BENCH_SLIXMPP")
        self.python = "/usr/bin/python3"
        if folder:
            self.environment["PYTHONPATH"] = folder
            self.python = os.environ.get("OXBOW_BENCH_PYTHON", "python3")
        self.command = [self.python, "-B", "-u", f"{HERE}/bench_slixmpp.py"]

    def start(self, order):
        speaker = Speaker(self.command, env=self.environment, stderr=subprocess.DEVNULL)
        speaker.say(order)
        return speaker

    def version(self):
        done = subprocess.run(
            [*self.command, "--version"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{self.python} has no slixmpp: {done.stderr.strip().splitlines()[-1]} (scripts/bootstrap --tests)")
        python = subprocess.run([self.python, "-V"], capture_output=True, text=True, check=False).stdout.strip()
        return f"{done.stdout.strip()}, {python}"


def leave_on_signals():
    """Lets `finally` clean up when somebody ends us."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def package(name):
    return subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True, check=False).stdout


def machine():
    """The machine, for the head of a report."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        models = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return f"{models[0] if models else 'unknown CPU'}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}"


def row(name, values, width=58):
    """A line of a table: median, best and worst of seconds, in milliseconds."""
    values = [value * 1000 for value in values]
    return f"  {name:{width}}{statistics.median(values):8.0f} ms{min(values):8.0f} ms{max(values):8.0f} ms"
