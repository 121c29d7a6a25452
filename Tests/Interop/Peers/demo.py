#!/usr/bin/env python3
"""The conversation of scripts/demo: a server, `oxbow run` with the repository's own config.yaml, and a visitor with go-sendxmpp.

    demo.py OXBOW ROOT
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import owned
from prosody import Prosody
from visitor import Visitor

WIDTH = min(shutil.get_terminal_size((110, 24)).columns, 130)


def title(text):
    print(f"\n── {text} " + "─" * max(0, WIDTH - len(text) - 4), flush=True)


def say(text):
    print(text, flush=True)


def readable(xml):
    """A stanza for people: long base64 shortened, one element a line."""
    xml = re.sub(r">([A-Za-z0-9+/=\s]{80,})<", lambda m: f">{m[1][:48]}… ({len(m[1])} characters)<", xml)
    xml = xml.replace("><", ">\n<")
    depth, lines = 0, []
    for part in xml.split("\n"):
        if part.startswith("</"):
            depth -= 1
        lines.append("      " + "  " * max(depth, 0) + part)
        if not part.startswith("</") and not part.endswith("/>") and "</" not in part:
            depth += 1
    return "\n".join(lines)


class Daemon:
    """`oxbow run`; its log goes to a file, and is shown when something fails."""

    def __init__(self, oxbow, config, environment, folder):
        self.log = f"{folder}/oxbow.log"
        with open(self.log, "wb") as log:
            self.process = owned.spawn(
                [oxbow, "run", "--config", config], cwd=os.path.dirname(config), env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )

    def text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def wait(self, text, count, seconds):
        deadline = time.monotonic() + seconds
        while self.text().count(text) < count:
            if self.process.poll() is not None:
                raise RuntimeError(f"oxbow run has ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"oxbow run did not get ready within {seconds} s")
            time.sleep(0.05)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            raise RuntimeError("oxbow run did not end within 20 s of SIGTERM") from None


def stanzas(server, bot, visitor, start):
    """What passed between the two since an offset of the log: from the visitor, and from the bot."""
    sent, received = [], []
    with open(server.stanzas, encoding="utf-8") as f:
        f.seek(start)
        for line in f:
            entry = json.loads(line)
            if entry["direction"] != "in" or not entry["xml"].startswith("<message") or "<openpgp" not in entry["xml"]:
                continue
            if entry["session"].startswith(visitor):
                sent.append(entry["xml"])
            elif entry["session"].startswith(bot):
                received.append(entry["xml"])
    return sent, received


# What the visitor says, by the bots of an account, and how many messages come back.
QUESTIONS = [("echo", "!echo hello, are you there?", 1), ("remind", "!remind 1s the tea is ready", 2), ("help", "!help", 1)]


def converse(server, visitor, accounts):
    """Asks each account's bots; returns how many messages went out and came in."""
    asked = heard = 0
    for jid, bots in accounts:
        for bot, question, answers in [q for q in QUESTIONS if q[0] in bots]:
            title(f"{visitor.jid} writes to {jid} ({bot})")
            start = os.path.getsize(server.stanzas)
            visitor.send(question, jid)
            texts = [visitor.heard(jid) for _ in range(answers)]
            sent, received = stanzas(server, jid, visitor.jid, start)
            if len(sent) != 1 or len(received) != answers:
                raise RuntimeError(f"the server has seen {len(sent)} questions and {len(received)} answers")
            for text in [question, *texts]:
                if any(word in stanza for stanza in sent + received for word in text.split() if len(word) > 5):
                    raise RuntimeError("the server has seen words that it should not have")
            for who, words, stanza in [("visitor", question, sent[0])] + [(bot, t, r) for t, r in zip(texts, received)]:
                say(f"  {who}: " + words.replace("\n", "\n" + " " * (len(who) + 4)))
                say("    what the server saw of it:\n" + readable(stanza))
            asked += 1
            heard += answers
    return asked, heard


def accounts_of(oxbow, config, environment):
    """The accounts and bots of the configuration, as `oxbow check --json` names them."""
    done = subprocess.run([oxbow, "check", "--json", "--config", config], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"oxbow check: {done.stderr}{done.stdout}")
    return [(a["jid"], [b["name"] for b in a["bots"]]) for a in json.loads(done.stdout)["accounts"]]


def main():
    oxbow, root = map(os.path.abspath, sys.argv[1:3])

    def leave(*_):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    started = time.monotonic()
    folder = owned.folder("oxd")
    # What programs remember lies beside their bots; what was there before the demo stays.
    kept = {bot for bot in os.listdir(f"{root}/bots") if os.path.exists(f"{root}/bots/{bot}/data")}
    server = daemon = visitor = None
    try:
        title("A server of our own")
        server = Prosody()
        server.prepare()
        server.start()
        say(f"  Prosody on 127.0.0.1:{server.port}, with a certificate by {server.ca}"
            + (f", as uid {server.user}" if server.user is not None else ""))
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME", "TERM", "LD_LIBRARY_PATH")}
        environment |= {
            "OXBOW_STATE": f"{folder}/s", "XMPP_HOST": "127.0.0.1", "XMPP_PORT": str(server.port), "XMPP_CA": server.ca,
        }
        config = f"{root}/config.yaml"
        with open(config, encoding="utf-8") as f:
            for name in set(re.findall(r"\$\{(\w*PASSWORD\w*)", f.read())):
                environment[name] = os.urandom(12).hex()
        accounts = accounts_of(oxbow, config, environment)
        with open(config, encoding="utf-8") as f:
            passwords = dict(re.findall(r"jid: (\S+)\s+password: \"?\$\{(\w+)", f.read()))
        for jid, _ in accounts:
            server.account(jid, environment[passwords[jid]])
        server.account("visitor@localhost", "a visitor's password")

        title("oxbow run, with this repository's config.yaml")
        daemon = Daemon(oxbow, config, environment, folder)
        daemon.wait("key announced", len(accounts), 60)
        for jid, bots in accounts:
            say(f"  {jid} is online with a key of its own; bots: {', '.join(bots)}")

        visitor = Visitor("visitor@localhost", "a visitor's password", server)
        visitor.make_key()
        say(f"  {visitor.jid} has made a key with go-sendxmpp, and listens")
        visitor.listen()
        asked, heard = converse(server, visitor, accounts)

        title("The end")
        status = subprocess.run([oxbow, "status", "--config", config], env=environment, capture_output=True, text=True, check=False)
        say("\n".join("  " + line for line in status.stdout.splitlines()))
        code = daemon.end()
        if code != 0:
            raise RuntimeError(f"oxbow run ended with {code}")
        daemon = None
        say(f"\n  {len(accounts)} bots, {asked} encrypted questions, {heard} encrypted answers, in {time.monotonic() - started:.1f} s.")
        say("  Nothing is left: server, keys, accounts and state are gone.")
        return 0
    except KeyboardInterrupt:
        print("\ndemo: interrupted", file=sys.stderr)
        return 130
    except (RuntimeError, OSError, SystemExit) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        if daemon is not None:
            print("\nThe end of Oxbow's log:\n" + "\n".join(daemon.text().splitlines()[-25:]), file=sys.stderr)
        if server is not None:
            print("\nThe end of Prosody's log:\n" + "\n".join(server.tail().splitlines()[-15:]), file=sys.stderr)
        return 1
    finally:
        if visitor is not None:
            visitor.remove()
        if daemon is not None:
            owned.stop(daemon.process)
        if server is not None:
            server.remove()
        for path, folders, _ in os.walk(folder):  # The agents of a daemon that had to be killed.
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
        for bot in set(os.listdir(f"{root}/bots")) - kept:
            shutil.rmtree(f"{root}/bots/{bot}/data", ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
