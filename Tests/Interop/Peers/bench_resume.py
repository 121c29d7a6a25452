#!/usr/bin/env python3
"""How long a session takes to go on after a cut with many unacknowledged stanzas: Oxbow's ClientSession against slixmpp, in turn.

    bench_resume.py RESUME-BENCH [ROUNDS]

Both log in to one Prosody through the fault proxy, which then swallows what they say; they hand the same messages over; the line is reset and
flows again. How long a client waits before it connects again is its policy and no cost: the figures that are compared begin when the proxy
has its new connection.
"""

import base64
import os
import random
import statistics
import sys

from bench_support import HERE, PASSWORD, QuietProsody, Slixmpp, Speaker, leave_on_signals, machine, package, row

COUNT = 1000
# What gives a stanza of about 1 kB.
CIPHERTEXT = base64.b64encode(random.Random(198).randbytes(420)).decode()


class Bench:
    def __init__(self, program):
        self.program = program
        self.slixmpp = Slixmpp()
        self.server = self.proxy = None
        self.sample = None
        self.recipients = 0

    def prepare(self):
        self.server = QuietProsody()
        self.server.prepare()
        self.server.start()
        for name in ("ours", "theirs"):
            self.server.account(f"{name}@localhost", PASSWORD)
        self.proxy = Speaker([sys.executable, "-B", "-u", f"{HERE}/fault_proxy.py"])
        self.proxy.say({"id": 1, "do": "listen", "target": self.server.port})
        self.port = self.proxy.hear(1)[1]["port"]

    def order(self, name):
        # One who is offline, and new: the server's store for one person is bounded.
        self.recipients += 1
        recipient = f"reader{self.recipients}@localhost"
        self.server.account(recipient, PASSWORD)
        order = {
            "jid": f"{name}@localhost", "password": PASSWORD, "port": self.port, "ca": self.server.ca, "recipient": recipient,
            "count": COUNT, "base64": CIPHERTEXT,
        }
        if self.sample is not None:
            order["stanza"] = self.sample[1].replace(self.sample[0], recipient)
        return order

    def ours(self):
        order = self.order("ours")
        speaker = Speaker([self.program])
        speaker.say(order)
        return self.round(speaker, order["recipient"])

    def theirs(self):
        order = self.order("theirs")
        return self.round(self.slixmpp.start(order), order["recipient"])

    def numbers(self):
        self.proxy.say({"id": 2, "do": "numbers", "port": self.port})
        return self.proxy.hear(2)[1]

    def round(self, client, recipient):
        """Seconds from the cut to the connection, and from there to the resumed session and to the last acknowledgement."""
        try:
            client.hear("online")
            self.proxy.say({"id": 3, "do": "set", "port": self.port, "up": "drop"})
            self.proxy.hear(3)
            client.say({"do": "go"})
            _, handed = client.hear("handed")
            if self.sample is None and "sample" in handed:
                self.sample = (recipient, handed["sample"])
            used, before = client.cpu(), self.numbers()["up"]  # What was said of connections is passed over with it.
            self.proxy.say({"id": 4, "do": "cut", "port": self.port}, {"id": 5, "do": "set", "port": self.port, "up": "flow"})
            cut, _ = self.proxy.hear(4)
            opened, _ = self.proxy.hear("opened")
            resumed = client.hear("resumed")[1]["at"]
            done = client.hear("acknowledged")[1]["at"]
            return {
                "waits": opened - cut, "resumed": resumed - opened, "done": done - opened, "cpu": client.cpu() - used,
                "bytes": self.numbers()["up"] - before,
            }
        finally:
            client.end()
            self.proxy.say({"id": 6, "do": "cut", "port": self.port}, {"id": 7, "do": "set", "port": self.port, "up": "flow"})
            self.proxy.hear(7)

    def run(self, rounds):
        self.ours()  # Warms up, and shows slixmpp what a stanza looks like.
        self.theirs()
        results = {"ours": [], "theirs": []}
        for number in range(rounds):
            for name in ("ours", "theirs") if number % 2 == 0 else ("theirs", "ours"):
                results[name].append(getattr(self, name)())
        self.report(results, rounds)

    def report(self, results, rounds):
        size = len(self.sample[1].replace(" xmlns='jabber:client'", "").replace(' xmlns="jabber:client"', "").encode())
        print(f"resume: after a cut with {COUNT} unacknowledged messages of {size} bytes, in turn, {rounds} rounds each; {machine()}")
        print(f"  prosody {package('prosody')} on loopback behind fault_proxy.py; {QuietProsody.LIMITS}")
        print("  the recipient is offline, another one each round")
        print("  Oxbow keeps 500 on their way and the rest in order behind them (XMPP.SendGate); slixmpp has all of them on their way")
        print(f"  slixmpp {self.slixmpp.version()}: xep_0198, connects again at once, told to ask for one <a/> behind what it sends again")
        print(f"  {'':58}{'median':>11}{'best':>11}{'worst':>11}")
        names = {"ours": "Oxbow ClientSession", "theirs": "slixmpp"}
        figures = {
            "waits": "cut → connects again (policy)", "resumed": "connection → resumed",
            "done": f"connection → all {COUNT} acknowledged", "cpu": "CPU of the client from the cut on",
        }
        for key, words in figures.items():
            for who, name in names.items():
                print(row(f"{name}: {words}", [one[key] for one in results[who]]))
        for key in ("resumed", "done", "cpu"):
            ours, theirs = (statistics.median(one[key] for one in results[who]) for who in names)
            print(f"  ratio of the medians, {figures[key]}: {ours / theirs:.2f}")
        sizes = " and ".join(f"{statistics.median(one['bytes'] for one in results[who]) / 1e6:.2f} MB" for who in names)
        print(f"  bytes sent after the cut, TLS included: {sizes}")

    def remove(self):
        if self.proxy is not None:
            self.proxy.end()
        if self.server is not None:
            self.server.remove()


def main():
    bench = Bench(os.path.abspath(sys.argv[1]))
    leave_on_signals()
    try:
        bench.prepare()
        bench.run(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
    finally:
        bench.remove()


if __name__ == "__main__":
    main()
