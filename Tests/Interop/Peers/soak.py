#!/usr/bin/env python3
"""The soak of scripts/soak: one `oxbow run` behind a proxy whose lines go wrong, two people who write to it, and faults at random.

    soak.py OXBOW MINUTES

Fails when memory or descriptors have grown between the first and the last part of the time, a process is left over at the end, an answer
or an accepted message is missing, or something came twice under two ids.
"""

import asyncio
import base64
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree

import owned
from prosody import Prosody

HERE = os.path.dirname(os.path.abspath(__file__))
OX = "urn:xmpp:openpgp:0"
PASSWORD = "open sesame"
# What may be more at the last rest than at the first.
MEMORY = 24 << 10  # KiB
DESCRIPTORS = 4
REST = 10  # Seconds, after everything has been answered.
FAULTS = os.environ.get("OXBOW_FAULTS", "cut cut stall swallow dribble refuse late torn server agent program reload").split()
PROGRAM = """#!/usr/bin/env python3
import json, sys

for line in sys.stdin:
    event = json.loads(line).get("event")
    if event:
        print(json.dumps({"id": event["id"], "reply": event["element"]["text"], "done": True}), flush=True)
"""


class Peer:
    """One of the scripts beside this one."""

    def __init__(self, name):
        self.name = name
        self.waiting = {}
        self.number = 0
        self.on_event = None

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            "/usr/bin/python3", "-B", "-u", f"{HERE}/{self.name}.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=64 << 20,
            start_new_session=True,
        )
        self.task = asyncio.ensure_future(self.listen())

    async def listen(self):
        while line := await self.process.stdout.readline():
            said = json.loads(line)
            future = self.waiting.pop(said.get("id"), None)
            if future is not None:
                future.set_result(said)
            elif self.on_event is not None:
                self.on_event(said)

    async def ask(self, what, **members):
        self.number += 1
        future = self.waiting[self.number] = asyncio.get_running_loop().create_future()
        self.process.stdin.write((json.dumps({"do": what, "id": self.number, **members}) + "\n").encode())
        answer = await asyncio.wait_for(future, 60)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {what}: {answer['error']}")
        return answer

    async def end(self):
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 20)
        except asyncio.TimeoutError:
            self.process.kill()
        self.task.cancel()


class Person:
    """Somebody with plain gpg who writes to the bot and reads what it says, one message at a time."""

    def __init__(self, crafter, jid, bot, server):
        self.crafter, self.jid, self.bot, self.server = crafter, jid, bot, server
        self.ids = {}  # text: the ids that it came under
        self.sent = set()
        self.accepted = set()
        self.incoming = asyncio.Queue()
        self.change = asyncio.Condition()

    async def gpg(self, *arguments, data=b""):
        answer = await self.crafter.ask("gpg", **{"as": self.jid}, args=list(arguments), input=base64.b64encode(data).decode())
        return answer["code"], base64.b64decode(answer["out"]), answer["err"]

    async def iq(self, kind, xml, to=None):
        order = {"as": self.jid, "type": kind, "xml": xml}
        if to:
            order["to"] = to
        return ElementTree.fromstring((await self.crafter.ask("iq", **order))["xml"])

    async def login(self):
        await self.crafter.ask(
            "login", **{"as": self.jid}, jid=self.jid, password=PASSWORD, port=self.server.port, ca=self.server.ca, resource="soak"
        )

    async def publish(self, node, item, payload):
        options = "".join(
            f"<field var='{name}'><value>{value}</value></field>"
            for name, value in (("pubsub#access_model", "open"), ("pubsub#persist_items", "true"))
        )
        answer = await self.iq(
            "set",
            f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item id='{item}'>{payload}</item></publish>"
            "<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
            f"<value>http://jabber.org/protocol/pubsub#publish-options</value></field>{options}</x></publish-options></pubsub>",
        )
        if answer.get("type") != "result":
            raise RuntimeError(f"{self.jid} can't publish {node}")

    async def make_key(self):
        _, _, said = await self.gpg("--quick-generate-key", f"xmpp:{self.jid}", "ed25519", "cert,sign", "0")
        self.key = said.split("KEY_CREATED P ")[1].split()[0]
        await self.gpg("--quick-add-key", self.key, "cv25519", "encr", "0")
        _, material, _ = await self.gpg("--export-options", "export-minimal", "--export", self.key)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        data = base64.b64encode(material).decode()
        await self.publish(f"{OX}:public-keys:{self.key}", now, f"<pubkey xmlns='{OX}'><data>{data}</data></pubkey>")
        entry = f"<pubkey-metadata v4-fingerprint='{self.key}' date='{now}'/>"
        await self.publish(f"{OX}:public-keys", "current", f"<public-keys-list xmlns='{OX}'>{entry}</public-keys-list>")

    async def learn_key(self):
        async def items(node):
            return await self.iq("get", f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{node}'/></pubsub>", self.bot)

        while True:
            entry = (await items(f"{OX}:public-keys")).find(f".//{{{OX}}}pubkey-metadata")
            if entry is not None:
                break
            await asyncio.sleep(0.2)
        self.bot_key = entry.get("v4-fingerprint")
        data = (await items(f"{OX}:public-keys:{self.bot_key}")).find(f".//{{{OX}}}data").text
        await self.gpg("--import", data=base64.b64decode(data))

    async def write(self, text):
        content = (
            f"<signcrypt xmlns='{OX}'><to jid='{self.bot}'/><time stamp='{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}'/>"
            f"<rpad>{uuid.uuid4()}</rpad><payload><body xmlns='jabber:client'>{text}</body></payload></signcrypt>"
        )
        code, sealed, said = await self.gpg(
            "--local-user", self.key, "--recipient", self.bot_key, "--sign", "--encrypt", data=content.encode()
        )
        if code:
            raise RuntimeError(f"gpg: {said}")
        payload = base64.b64encode(sealed).decode()
        await self.crafter.ask(
            "send", **{"as": self.jid},
            xml=f"<message to='{self.bot}' id='{uuid.uuid4()}' type='chat'><openpgp xmlns='{OX}'>{payload}</openpgp></message>",
        )
        self.sent.add(text)

    def heard(self, xml):
        message = ElementTree.fromstring(xml)
        payload = message.find(f"{{{OX}}}openpgp")
        if payload is not None and message.get("from", "").startswith(self.bot):
            self.incoming.put_nowait((message.get("id"), payload.text))

    async def read(self):
        while True:
            identifier, payload = await self.incoming.get()
            _, opened, said = await self.gpg("--decrypt", data=base64.b64decode(payload))
            if "DECRYPTION_OKAY" not in said:
                raise RuntimeError(f"{self.jid} can't read what the bot says: {said}")
            text = ElementTree.fromstring(opened).find(".//{jabber:client}body").text
            async with self.change:
                self.ids.setdefault(text, set()).add(identifier)
                self.change.notify_all()

    def missing(self):
        return (self.sent | self.accepted) - set(self.ids)

    async def settled(self, seconds):
        async with self.change:
            await asyncio.wait_for(self.change.wait_for(lambda: not self.missing()), seconds)


class Soak:
    def __init__(self, oxbow, minutes):
        self.oxbow, self.minutes = oxbow, minutes
        self.seed = int(os.environ.get("OXBOW_SEED", random.SystemRandom().randrange(1 << 32)))
        self.chance = random.Random(self.seed)
        self.faults = {}
        self.recent = []
        self.rows = []
        self.rests = []
        self.away = False  # Whether people are logged out, since the server is restarted.
        self.quiet = asyncio.Event()  # Set while people may write.
        self.quiet.set()

    # MARK: the stage

    async def build(self):
        self.folder = owned.folder("oxs")
        self.server = Prosody()
        self.server.prepare()
        self.server.start()
        self.bot = "bot@localhost"
        for name in ("bot", "alice", "bob"):
            self.server.account(f"{name}@localhost", PASSWORD)
        self.proxy, self.crafter = Peer("fault_proxy"), Peer("crafter")
        await self.proxy.start()
        await self.crafter.start()
        self.port = (await self.proxy.ask("listen", target=self.server.port))["port"]
        for name, entry in (("swift", "swift: echo"), ("program", "exec: [./program.py]")):
            os.makedirs(f"{self.folder}/bots/{name}")
            with open(f"{self.folder}/bots/{name}/bot.yaml", "w", encoding="utf-8") as f:
                f.write(f"allow: ['*@localhost']\nhandlers:\n  - element: body\n    match: '^{name} '\n    {entry}\n")
        with open(f"{self.folder}/bots/program/program.py", "w", encoding="utf-8") as f:
            f.write(PROGRAM)
        os.chmod(f"{self.folder}/bots/program/program.py", 0o755)
        self.config = f"{self.folder}/config.yaml"
        self.configure()
        self.log = f"{self.folder}/oxbow.log"
        with open(self.log, "wb") as log:
            self.daemon = owned.spawn(
                [self.oxbow, "run", "--config", self.config], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8"},
            )
        self.people = [Person(self.crafter, f"{name}@localhost", self.bot, self.server) for name in ("alice", "bob")]
        by_name = {person.jid: person for person in self.people}

        def event(said):
            if said.get("event") == "stanza" and said.get("as") in by_name:
                by_name[said["as"]].heard(said["xml"])

        self.crafter.on_event = event
        for person in self.people:
            await person.login()
            await person.make_key()
            await person.learn_key()

    def configure(self, remark="first"):
        with open(self.config + "~", "w", encoding="utf-8") as f:
            f.write(
                f"# {remark}\nstate: s\nbots: bots\naccounts:\n  - jid: {self.bot}\n    password: {PASSWORD}\n    bots: [swift, program]\n"
                f"    connect: {{host: 127.0.0.1, port: {self.port}, tls: starttls, ca: {self.server.ca}}}\n"
            )
        os.chmod(self.config + "~", 0o600)
        os.rename(self.config + "~", self.config)

    async def remove(self):
        if hasattr(self, "daemon") and self.daemon.poll() is None:
            owned.stop(self.daemon, 20)
        for peer in (getattr(self, "crafter", None), getattr(self, "proxy", None)):
            if peer is not None and hasattr(peer, "process"):
                await peer.end()
        if hasattr(self, "server"):
            self.server.remove()
        for path, folders, _ in os.walk(self.folder):
            if "private-keys-v1.d" in folders:
                subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # MARK: traffic

    async def control(self, request):
        reader, writer = await asyncio.open_unix_connection(f"{self.folder}/s/control", limit=64 << 20)
        try:
            writer.write((json.dumps({"version": 1, **request}) + "\n").encode())
            line = await reader.readline()
        finally:
            writer.close()
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer

    async def converse(self, person, lane):
        number = 0
        while True:
            await self.quiet.wait()
            number += 1
            await person.write(f"{'swift' if number % 2 else 'program'} {lane} {number}")
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))

    async def queue(self, person, lane):
        number = 0
        while True:
            await self.quiet.wait()
            number += 1
            text = f"queued {lane} {number}"
            send = {"from": self.bot, "to": [person.jid], "text": text, "timeout": 30, "queue": True}
            answer = await self.control({"operation": "send", "send": send})
            outcome = answer["send"]["outcomes"][0]
            if outcome["state"] != "accepted":
                raise RuntimeError(f"not accepted: {outcome}")
            person.accepted.add(text)
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))

    # MARK: faults

    async def calm(self):
        """People stop writing and have their answers; the server may go."""
        self.quiet.clear()
        for person in self.people:
            await person.settled(600)

    async def fault(self):
        name = self.chance.choice(FAULTS)
        self.faults[name] = self.faults.get(name, 0) + 1
        self.recent.append(name)
        ask = self.proxy.ask
        if name == "cut":
            await ask("cut", port=self.port, how=self.chance.choice(["reset", "close"]))
        elif name == "torn":
            await ask("cut-after", port=self.port, direction=self.chance.choice(["up", "down"]), bytes=self.chance.randrange(1, 8000))
        elif name in ("stall", "dribble", "late"):
            mode = 300 if name == "late" else name
            await ask("set", port=self.port, up=mode, down=mode)
            await asyncio.sleep(self.chance.uniform(1, 5))
            await ask("set", port=self.port, up="flow", down="flow")
        elif name == "swallow":
            await ask("set", port=self.port, **{self.chance.choice(["up", "down"]): "drop"})
            await asyncio.sleep(self.chance.uniform(0.5, 3))
            await ask("cut", port=self.port)
            await ask("set", port=self.port, up="flow", down="flow")
        elif name == "refuse":
            await ask("refuse", port=self.port, on=True)
            await ask("cut", port=self.port)
            await asyncio.sleep(self.chance.uniform(1, 5))
            await ask("refuse", port=self.port, on=False)
        elif name == "server":
            # slixmpp's people are away meanwhile; what is lost between them and the server is not ours.
            await self.calm()
            self.away = True
            for person in self.people:
                await self.crafter.ask("logout", **{"as": person.jid})
            self.server.stop()
            self.server.start()
            for person in self.people:
                await person.login()
            self.away = False
            self.quiet.set()
        elif name in ("agent", "program"):
            wanted = "gpg-agent" if name == "agent" else "program.py"
            found = [pid for pid, line in processes(self.folder) if wanted in line and "bwrap" not in line and pid != self.daemon.pid]
            for pid in found[:1]:
                os.kill(pid, signal.SIGKILL)
        elif name == "reload":
            self.configure(f"reloaded {self.chance.random()}")
            self.daemon.send_signal(signal.SIGHUP)

    async def disturb(self):
        between = self.minutes * 60 / 5
        due = self.start + between / 2
        while True:
            await asyncio.sleep(self.chance.uniform(2, 12))
            if time.monotonic() < due:
                await self.fault()
            else:
                await self.rest()
                due = time.monotonic() + between

    async def rest(self):
        """Nobody writes and nothing is broken for a while: what it needs then must not grow, however much it needs at work."""
        await self.calm()
        await asyncio.sleep(REST)
        self.rests.append(self.measure())
        self.recent.append("(rested)")
        self.quiet.set()

    # MARK: measuring

    def measure(self):
        status = {}
        with open(f"/proc/{self.daemon.pid}/status", encoding="utf-8") as f:
            for line in f:
                name, _, value = line.partition(":")
                status[name] = value.split()[0] if value.split() else ""
        return {
            "at": time.monotonic() - self.start, "rss": int(status["VmRSS"]), "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{self.daemon.pid}/fd")),
            "processes": len(processes(self.folder)) - 1, "heard": sum(len(p.ids) for p in self.people),
            "waiting": sum(len(p.missing()) for p in self.people),
        }

    async def watch(self):
        pause = max(2, min(30, self.minutes * 60 / 40))
        while True:
            row = self.measure()
            self.rows.append(row)
            if len(self.rows) == 1:
                print(f"{'s':>6}{'RSS MiB':>9}{'threads':>9}{'fds':>6}{'children':>10}{'heard':>8}{'waiting':>9}  faults since")
            print(
                f"{row['at']:6.0f}{row['rss'] / 1024:9.1f}{row['threads']:9}{row['descriptors']:6}{row['processes']:10}{row['heard']:8}"
                f"{row['waiting']:9}  {' '.join(self.recent)}", flush=True,
            )
            self.recent.clear()
            await asyncio.sleep(pause)
            if self.daemon.poll() is not None:
                raise RuntimeError(f"oxbow run has ended with {self.daemon.returncode}")

    def judge(self):
        """What has grown from the first rest to the last."""
        if len(self.rests) < 2:
            return ["it had no time to rest, so nothing can be compared: give it more minutes"]
        problems = []
        for name, slack, unit in (("rss", MEMORY, "KiB"), ("descriptors", DESCRIPTORS, ""), ("threads", 4, ""), ("processes", 2, "")):
            before, after = self.rests[0][name], self.rests[-1][name]
            print(f"  {name:12}{' → '.join(str(rest[name]) for rest in self.rests)} {unit}, at most {max(row[name] for row in self.rows)}")
            if after > before + slack:
                problems.append(f"{name} grew from {before} to {after} {unit}".strip())
        return problems

    async def run(self):
        await self.build()
        self.start = time.monotonic()
        print(f"soak: {self.minutes} minutes, seed {self.seed}", flush=True)
        readers = [person.read() for person in self.people]
        talk = [self.converse(p, p.jid[0]) for p in self.people] + [self.queue(p, p.jid[0]) for p in self.people]
        background = [asyncio.ensure_future(one) for one in [*readers, self.watch()]]
        active = [asyncio.ensure_future(one) for one in [*talk, self.disturb()]]
        done, _ = await asyncio.wait([*background, *active], timeout=self.minutes * 60, return_when=asyncio.FIRST_EXCEPTION)
        for one in done:
            one.result()
        for one in active:
            one.cancel()
        await asyncio.wait(active)
        await self.proxy.ask("refuse", port=self.port, on=False)
        await self.proxy.ask("set", port=self.port, up="flow", down="flow")
        await self.proxy.ask("cut-after", port=self.port, direction="up", bytes=0)
        await self.proxy.ask("cut-after", port=self.port, direction="down", bytes=0)
        if self.server.process is None:
            self.server.start()
        problems = []
        for person in self.people:
            if self.away:
                await person.login()
            try:
                await person.settled(600)
            except asyncio.TimeoutError:
                problems.append(f"{person.jid} misses {len(person.missing())}: {sorted(person.missing())[:5]}")
            twice = [text for text, ids in person.ids.items() if len(ids) > 1]
            if twice:
                problems.append(f"{person.jid} heard under two ids: {twice[:5]}")
        await asyncio.sleep(REST)
        self.rests.append(self.measure())
        for one in background:
            one.cancel()
        await asyncio.wait(background)
        print(f"soak: faults {dict(sorted(self.faults.items()))}")
        problems += self.judge()
        self.daemon.send_signal(signal.SIGTERM)
        try:
            code = self.daemon.wait(60)
            if code:
                problems.append(f"oxbow run ended with {code}")
        except subprocess.TimeoutExpired:
            problems.append("oxbow run did not end within 60 s of SIGTERM")
        left = processes(self.folder)
        if left:
            problems.append(f"left over: {left}")
        return problems


def processes(folder):
    """Those whose arguments or working directory lie in a folder, with their arguments."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as f:
                line = f.read().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(f"/proc/{name}/cwd")
        except OSError:
            continue
        if line and (folder in line or place.startswith(folder)):
            found.append((int(name), line))
    return found


async def main():
    soak = Soak(os.path.abspath(sys.argv[1]), int(sys.argv[2]))
    problems = ["it was interrupted"]
    try:
        problems = await soak.run()
    finally:
        kept = os.environ.get("OXBOW_SOAK_LOG")
        if kept and hasattr(soak, "log") and os.path.exists(soak.log):
            shutil.copy(soak.log, kept)
        if problems and hasattr(soak, "log") and os.path.exists(soak.log):
            with open(soak.log, errors="replace") as f:
                sys.stderr.write("".join(f.readlines()[-40:]))
        await soak.remove()
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    print("soak: FAILED" if problems else "soak: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
