"""What the steps share: the rig, bare clients, people with mail and gpg, and a note of how each step went."""

import asyncio
import email
import email.policy
import email.utils
import itertools
import json
import os
import sys
import time
import xml.etree.ElementTree as ElementTree
from email.message import EmailMessage

import gre
import legacy
import letters
from rig import CLIENTS, DOMAIN, GATEWAY, ACCOUNTS, Trouble

PEERS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Failed(Exception):
    """A step didn't come to what it should; the message says to what."""


def expect(holds, what):
    if not holds:
        raise Failed(what)


class Client:
    """An XMPP client that says what it is told to: crafter.py."""

    def __init__(self, name, ca):
        self.name, self.ca = name, ca
        self.process = self.reader = None
        self.numbers, self.waiting, self.stanzas = itertools.count(1), {}, []
        self.heard = asyncio.Event()

    async def login(self):
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", "-u", f"{PEERS}/crafter.py", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=64 << 20,
        )
        self.reader = asyncio.ensure_future(self.read())
        await self.ask(do="login", jid=f"{self.name}@{DOMAIN}", password=ACCOUNTS[self.name], port=CLIENTS, ca=self.ca)
        return self

    async def read(self):
        while line := await self.process.stdout.readline():
            said = json.loads(line)
            if said.get("event") == "stanza":
                self.stanzas.append(said["xml"])
                self.heard.set()
            elif (future := self.waiting.pop(said.get("id"), None)) and not future.done():
                future.set_result(said)  # Nobody waits any more for what was given up.

    async def ask(self, **order):
        number = next(self.numbers)
        future = self.waiting[number] = asyncio.get_running_loop().create_future()
        self.process.stdin.write((json.dumps({**order, "as": self.name, "id": number}) + "\n").encode())
        answer = await asyncio.wait_for(future, 60)
        if "error" in answer:
            raise Trouble(f"{self.name} can't {order['do']}: {answer['error']}")
        return answer

    async def iq(self, kind, to, payload, seconds=20):
        """The answer as an element, or None when none comes."""
        try:
            answer = await asyncio.wait_for(self.ask(do="iq", type=kind, to=to, xml=payload), seconds)
        except asyncio.TimeoutError:
            return None
        return ElementTree.fromstring(answer["xml"])

    async def send(self, xml):
        await self.ask(do="send", xml=xml)

    async def message(self, start, holds=lambda _: True, seconds=20):
        """The next message from index `start` on that satisfies something, or None."""
        end = time.monotonic() + seconds
        while True:
            for text in self.stanzas[start:]:
                element = ElementTree.fromstring(text)
                if element.tag.endswith("}message") and holds(element):
                    return element
            if time.monotonic() > end:
                return None
            self.heard.clear()
            try:
                await asyncio.wait_for(self.heard.wait(), max(0.1, end - time.monotonic()))
            except asyncio.TimeoutError:
                pass

    async def logout(self):
        self.process.stdin.close()
        await self.process.wait()
        self.reader.cancel()


class Correspondent(legacy.LegacyUser):
    """Somebody with a mailbox of the rig, and plain gpg."""

    def __init__(self, rig, address, name):
        super().__init__(address, name)
        self.rig = rig
        self.jid = f"{gre.escape_localpart(address)}@{GATEWAY}"

    @property
    def count(self):
        return len(self.rig.mails(self.address))

    async def read(self, count, seconds=30):
        """The mail that comes after `count` others: (as it is, its headers, what gpg says about what is in it)."""
        raw = await asyncio.to_thread(self.rig.mail, self.address, count, seconds)
        outer = email.message_from_bytes(raw, policy=email.policy.default)
        expect(outer.get_content_type() == "multipart/encrypted", f"the mail is {outer.get_content_type()}")
        parts = list(outer.iter_parts())
        expect(len(parts) == 2 and parts[0].get_content_type() == "application/pgp-encrypted", "the mail isn't as RFC 3156 has it")
        return raw, outer, await self.open(parts[1].get_payload(decode=True))

    async def write(self, to, mail):
        await asyncio.to_thread(self.rig.submit, self.address, to, mail)

    async def inline(self, to, text, key, subject="inline", **headers):
        """A mail with inline PGP."""
        armor, _ = await self.done("--armor", "--compress-algo", "none", "--sign", "--encrypt", "-r", key, data=text.encode())
        return self.plain(to, armor.decode(), subject, **headers)

    async def pgp_mime(self, to, letter, key):
        """A mail as RFC 3156 has it."""
        document = letters.compose(letter, f"{self.name} <{self.address}>", to)
        return letters.encrypted(letters.armored(await self.seal(document, {"recipients": [key]})), self.address, to)

    def plain(self, to, text, subject, **headers):
        """A mail without encryption."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Date"] = f"{self.name} <{self.address}>", to, subject, email.utils.formatdate()
        mail["Message-ID"] = email.utils.make_msgid(domain="example.test")
        for name, value in headers.items():
            mail[name] = value
        mail.set_content(text)
        return mail.as_bytes(policy=email.policy.SMTP)


class Stage:
    """Runs steps and says how they went."""

    def __init__(self, rig, record=None):
        self.rig, self.record = rig, record
        self.failed, self.people = [], []

    async def person(self, address, name):
        person = Correspondent(self.rig, address, name)
        self.people.append(person)
        await person.make_key()
        return person

    async def step(self, title, work):
        """One step; a failure is told. Whether it succeeded."""
        start = time.monotonic()
        try:
            await work
        except Exception as error:  # A bug in a step is a failed step.
            self.failed.append(title)
            print(f"interop-libervia: FAILED  {title} ({time.monotonic() - start:.1f} s)\n    {type(error).__name__}: {error}", flush=True)
            return False
        print(f"interop-libervia: ok      {title} ({time.monotonic() - start:.1f} s)", flush=True)
        return True

    def keep(self, name, data):
        """Keeps what was exchanged, when a folder was given for it."""
        if self.record:
            os.makedirs(self.record, exist_ok=True)
            with open(f"{self.record}/{name}", "wb") as file:
                file.write(data if isinstance(data, bytes) else data.encode())

    def end(self):
        for person in self.people:
            person.remove()
