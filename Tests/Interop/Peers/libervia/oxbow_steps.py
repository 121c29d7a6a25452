"""Oxbow against Libervia's gateway, driven as its users drive it: config.yaml, a bot, and the command line."""

import asyncio
import base64
import glob
import hashlib
import json
import os
import re
import shutil
import uuid

import gre
import owned
from rig import ACCOUNTS, CLIENTS, GATEWAY
from stage import Client, Trouble, expect

BOT, HERS = "bot@example.test", "carol@example.test"
CAROL = f"mailto:{HERS} via {GATEWAY}"

# What comes as inline PGP says nowhere for whom it is, and when: the bot has to be told that it may act on such mail.
ECHO = f"""
allow: ["mailto:*@example.test via {GATEWAY}"]
handlers:
  - element: body
    swift: echo
    addressed: any
"""


async def run(stage, program):
    """All of them. `bot` registers by its YAML, `alice` never does."""
    carol = await stage.person(HERS, "Carol")
    oxbow = Oxbow(stage.rig, program, carol)
    steps = Steps(stage, oxbow, carol)
    try:
        for title, work in (
            ("oxbow check takes the configuration", steps.check),
            ("oxbow run registers the bot from its YAML, secrets by reference", steps.register),
            ("keys go both ways: carol's by hand, the bot's by oxbow keys export --for-mail", steps.keys),
        ):
            if not await stage.step(title, work()):
                print("interop-libervia: the other steps of the bot need that", flush=True)
                return
        await stage.step("oxbow send with an attachment of 1 MiB: plain gpg opens and verifies the mail", steps.outbound())
        await stage.step("inline PGP from carol is opened and answered", steps.answer())
        await stage.step("PGP/MIME that Libervia empties is neither handled nor answered", steps.emptied())
        await stage.step("mail without encryption is neither handled nor answered", steps.unencrypted())
        await stage.step("mail that is signed by a stranger is refused", steps.stranger())
        await stage.step("who isn't registered hears nothing of Libervia: oxbow send says so", steps.silence())
        await stage.step("an error that echoes our <encrypted/> is an error, not mail", steps.echo())
        await stage.step("a mail that Libervia drops is reported as no more than sent", steps.dropped())
        await stage.step("after all that the bot still answers", steps.answer())
        await stage.step("oxbow run ends in order", oxbow.stop())
        await stage.step("no log, store, spool or Maildir contains the plaintext", steps.search())
    finally:
        await oxbow.end()


class Oxbow:
    """The program with a configuration of its own, and what it says."""

    def __init__(self, rig, program, carol):
        self.rig, self.program, self.daemon, self.reader = rig, program, None, None
        self.folder = owned.folder("oxb")
        self.lines, self.said = [], asyncio.Event()
        for name, address in (("imap", BOT), ("smtp", BOT)):
            self.write(f"{name}-password", rig.registration("bot")[f"{name}_password"] + "\n")
        self.write("bots/mail/bot.yaml", ECHO)
        self.write("config.yaml", self.configuration(carol))

    def configuration(self, carol):
        fields = ""
        for name, value in self.rig.registration("bot").items():
            if name == "imap_password":
                value = f"{{file: {self.folder}/imap-password}}"
            elif name == "smtp_password":
                value = f"{{command: [cat, {self.folder}/smtp-password]}}"
            else:
                value = json.dumps(value)
            fields += f"          {name}: {value}\n"
        connect = f"{{host: 127.0.0.1, port: {CLIENTS}, tls: starttls, ca: {self.rig.ca}}}"
        return f"""state: s
bots: bots
accounts:
  - jid: bot@localhost
    password: {ACCOUNTS['bot']}
    connect: {connect}
    bots: [mail]
    gateways:
      - jid: {GATEWAY}
        web_key_directory: false
        register:
{fields}        keys:
          {HERS}: [{carol.fingerprint}]
  - jid: alice@localhost
    password: {ACCOUNTS['alice']}
    connect: {connect}
    gateways:
      - jid: {GATEWAY}
        web_key_directory: false
        keys:
          {HERS}: [{carol.fingerprint}]
"""

    def write(self, name, text):
        path = f"{self.folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o600)

    async def command(self, *arguments, text=None, seconds=120):
        """Runs a command to its end: (code, output, errors)."""
        process = await asyncio.create_subprocess_exec(
            self.program, *arguments, "--config", f"{self.folder}/config.yaml", cwd=self.folder,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(text if text is not None else b""), seconds)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            raise Trouble(f"oxbow {arguments[0]} takes longer than {seconds} s") from None
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")

    async def done(self, *arguments, **options):
        code, out, err = await self.command(*arguments, **options)
        expect(code == 0, f"oxbow {' '.join(arguments[:2])} ends with {code}: {out}{err}")
        return out

    async def start(self):
        self.daemon = await asyncio.create_subprocess_exec(
            self.program, "run", "--config", f"{self.folder}/config.yaml", cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, limit=1 << 20,
        )

        async def read():
            while line := await self.daemon.stdout.readline():
                self.lines.append(line.decode(errors="replace").rstrip())
                self.said.set()

        self.reader = asyncio.ensure_future(read())

    async def logged(self, pattern, count=1, seconds=60):
        """Waits until so many lines of the log match."""
        end = asyncio.get_running_loop().time() + seconds
        while len([line for line in self.lines if re.search(pattern, line)]) < count:
            left = end - asyncio.get_running_loop().time()
            if left < 0 or self.daemon.returncode is not None:
                raise Trouble(f"the log doesn't say /{pattern}/:\n    " + "\n    ".join(self.lines[-15:]))
            self.said.clear()
            try:
                await asyncio.wait_for(self.said.wait(), min(left, 1))
            except asyncio.TimeoutError:
                pass

    async def counters(self, jid="bot@localhost"):
        """An account's counters."""
        code, out, err = await self.command("status", "--json")
        expect(code in (0, 5), f"oxbow status: {err}")
        account = next(a for a in json.loads(out)["accounts"] if a["jid"] == jid)
        return {name: value for name, value in account["counters"].items() if value}

    async def stop(self):
        """TERM, and an orderly end."""
        self.daemon.terminate()
        code = await asyncio.wait_for(self.daemon.wait(), 60)
        await self.reader
        expect(code == 0, f"it ends with {code}: " + "\n    ".join(self.lines[-5:]))

    async def end(self):
        if self.daemon is not None and self.daemon.returncode is None:
            self.daemon.kill()
            await self.daemon.wait()
        for home in glob.glob(f"{self.folder}/s/keyrings/*"):
            await (await asyncio.create_subprocess_exec("gpgconf", "--homedir", home, "--kill", "all")).wait()
        with open(f"{self.rig.logs}/oxbow.log", "w") as file:
            file.write("\n".join(self.lines) + "\n")
        shutil.rmtree(self.folder, ignore_errors=True)


class Steps:
    """Each raises when it doesn't come to what it should."""

    def __init__(self, stage, oxbow, carol):
        self.stage, self.rig, self.oxbow, self.carol = stage, stage.rig, oxbow, carol
        self.bot_key = None
        self.secrets = []

    def secret(self, what):
        """A text that must never be seen outside the two ends."""
        self.secrets.append(f"{what} {uuid.uuid4()}")
        return self.secrets[-1]

    async def check(self):
        await self.oxbow.done("check")

    async def register(self):
        await self.oxbow.start()
        await self.oxbow.logged("key announced", 2)
        registered = lambda: re.search(r"User bot@localhost\S* successfully registered", self.rig.log("libervia"))  # noqa: E731
        await asyncio.to_thread(self.rig.wait, 60, "the registration", registered)
        said = "\n".join(self.oxbow.lines)
        expect(self.rig.registration("bot")["imap_password"] not in said, "oxbow's log contains the mail password")

    async def keys(self):
        for account in ("bot@localhost", "alice@localhost"):
            await self.oxbow.done("keys", "import", "--account", account, CAROL, text=await self.carol.export())
        armor = await self.oxbow.done("keys", "export", "--account", "bot@localhost", "--for-mail")
        learnt = await self.carol.learn(armor.encode())
        expect(len(learnt) == 1, f"gpg imports {learnt}")
        self.bot_key = learnt[0]
        out, _ = await self.carol.done("--with-colons", "--list-keys", self.bot_key)
        names = re.findall(r"^uid:(?:[^:]*:){8}([^:]*):", out.decode(), re.M)
        expect(names == [f"<{BOT}>"] or names == [BOT], f"the User IDs for mail are {names}")

    async def outbound(self):
        secret, attachment, count = self.secret("outbound"), os.urandom(1 << 20), self.carol.count
        self.secrets.append(base64.b64encode(attachment[:60]).decode())
        path = f"{self.oxbow.folder}/plan.bin"
        with open(path, "wb") as file:
            file.write(attachment)
        await self.oxbow.done(
            "send", "--from", "bot@localhost", "--to", HERS, "--via", GATEWAY, "--subject", self.secret("subject"), "--attach", path, secret
        )
        os.remove(path)
        raw, outer, opened = await self.carol.read(count, seconds=90)
        self.verify(raw, opened, secret)
        files = [f for f in opened["letter"]["attachments"] if f["name"] == "plan.bin"]
        expect(len(files) == 1 and files[0]["sha256"] == hashlib.sha256(attachment).hexdigest(), "the attachment is another")
        expect(files[0]["disposition"] == "attachment", "it isn't marked as attachment")
        expect(not opened["letter"]["defects"], f"Python finds {opened['letter']['defects']}")
        headers = dict(map(tuple, opened["letter"]["headers"]))
        expect(headers.get("Subject", "").startswith("subject ") and HERS in headers.get("To", ""), f"headers inside: {headers}")
        expect("Date" in headers and headers.get("Message-ID", "").endswith("@example.test>"), f"headers inside: {headers}")
        # R23: this is how mail programs come to know the key.
        expect(f"addr={BOT}" in headers.get("Autocrypt", ""), "there is no Autocrypt header inside")
        expect(self.rig.envelopes()[-1]["from"] == BOT and outer["Subject"] == "This is an encrypted message.", "the envelope is another")

    def verify(self, raw, opened, secret):
        expect(opened["decrypted"], f"gpg doesn't decrypt it: {opened['status']}")
        expect(opened["signer"] == self.bot_key, f"it is signed by {opened['signer']}, not by {self.bot_key}")
        expect(len(opened["recipients"]) >= 2, "it isn't encrypted to the bot, too")
        expect(secret in opened["letter"]["text"], f"the text is {opened['letter']['text'][:200]!r}")
        expect(secret.encode() not in raw, "the text is outside, too")
        inner = dict(map(tuple, opened["letter"]["headers"]))
        expect(BOT in inner.get("From", ""), f"From inside is {inner.get('From')}")

    async def answer(self):
        secret, count = self.secret("inline"), self.carol.count
        await self.carol.write(BOT, await self.carol.inline(BOT, secret, self.bot_key))
        raw, _, opened = await self.carol.read(count, seconds=60)
        self.verify(raw, opened, secret)

    async def quiet(self, mail, counted=None):
        """Nothing comes of a mail: no answer and no event. Waits until something is counted whose name starts so, if that is given."""
        count, before = self.carol.count, await self.oxbow.counters()
        seen = self.rig.log("libervia").count("Retrieving last message")
        await self.carol.write(BOT, mail)
        fetched = lambda: self.rig.log("libervia").count("Retrieving last message") > seen  # noqa: E731
        await asyncio.to_thread(self.rig.wait, 40, "Libervia's look at the mail", fetched)
        changed = {}
        for _ in range(20 if counted else 3):
            await asyncio.sleep(1)
            changed = {k: v - before.get(k, 0) for k, v in (await self.oxbow.counters()).items() if v != before.get(k, 0)}
            if counted and any(name.startswith(counted) for name in changed):
                break
        expect(self.carol.count == count, "it is answered")
        expect(not any(name.startswith("events") for name in changed), f"a handler has had it: {changed}")
        expect(not counted or any(name.startswith(counted) for name in changed), f"nothing is {counted}: {changed}")

    async def emptied(self):
        await self.quiet(await self.carol.pgp_mime(BOT, {"text": "never seen", "subject": "inside"}, self.bot_key))

    async def unencrypted(self):
        await self.quiet(self.carol.plain(BOT, "please run this", "plain"))

    async def stranger(self):
        """The same name and address, another key."""
        mallory = await self.stage.person(HERS, "Carol")
        await mallory.learn(await self.carol.export(self.bot_key))
        await self.quiet(await mallory.inline(BOT, "please run this", self.bot_key), counted="refused")

    async def silence(self):
        count = self.carol.count
        code, out, err = await self.oxbow.command(
            "send", "--from", "alice@localhost", "--to", HERS, "--via", GATEWAY, "--timeout", "40s", self.secret("silence")
        )
        expect(code not in (0, 2, 3), f"it ends with {code}: {out}{err}")
        expect(GATEWAY in out + err and re.search("regist|answer", out + err), f"it says {out}{err}")
        expect(self.carol.count == count, "a mail came")

    async def echo(self):
        """The bot is unregistered behind its back, and Libervia restarted so that it knows; the bot's cached data let it send."""
        before, count, start = await self.oxbow.counters(), self.carol.count, len(self.oxbow.lines)
        client = await Client("bot", self.rig.ca).login()
        try:
            await client.iq("set", GATEWAY, f"<query xmlns='{gre.REGISTER}'><remove/></query>")
            await asyncio.to_thread(self.rig.restart_gateway)
            _, out, err = await self.oxbow.command(
                "send", "--from", "bot@localhost", "--to", HERS, "--via", GATEWAY, "--timeout", "40s", self.secret("echo")
            )
            await asyncio.sleep(3)
            after = await self.oxbow.counters()
            expect(self.carol.count == count, f"a mail came: {out}{err}")
            events = [k for k, v in after.items() if k.startswith("events") and v != before.get(k, 0)]
            expect(not events, f"a handler has had the echo: {events}")
            said = out + err + "\n".join(self.oxbow.lines[start:])
            expect("subscription-required" in said or "regist" in said, f"nobody says why: {said}")
            # Back to where it was, by hand: the next step needs it.
            fields = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in self.rig.registration("bot").items())
            head = f"<field var='FORM_TYPE' type='hidden'><value>{gre.REGISTER}</value></field>"
            form = f"<query xmlns='{gre.REGISTER}'><x xmlns='{gre.FORM}' type='submit'>{head}{fields}</x></query>"
            answer = await client.iq("set", GATEWAY, form, seconds=60)
            expect(answer is not None and answer.get("type") == "result", "registering anew failed")
        finally:
            await client.logout()

    async def dropped(self):
        """The mail server refuses this address; Libervia tells nobody. The bot's key for it is carol's, trusted by hand."""
        address = "bad!name@example.test"
        await self.oxbow.done("keys", "import", "--account", "bot@localhost", f"mailto:{address} via {GATEWAY}", text=await self.lie(address))
        code, out, err = await self.oxbow.command(
            "send", "--from", "bot@localhost", "--to", address, "--via", GATEWAY, "--timeout", "40s", self.secret("dropped")
        )
        expect("delivered" not in out + err, f"it claims delivery: {out}{err}")
        expect(code in (0, 1), f"it ends with {code}: {out}{err}")

    async def lie(self, address):
        person = await self.stage.person(address, "Nobody")
        return await person.export()

    async def search(self):
        """Everything that a run leaves, the bot's own state included."""
        needles = [secret.encode() for secret in self.secrets]
        found = []
        for top in (self.rig.state, self.oxbow.folder):
            for folder, _, files in os.walk(top):
                for name in files:
                    path = f"{folder}/{name}"
                    if not os.path.isfile(path) or os.path.islink(path):
                        continue
                    with open(path, "rb") as file:
                        data = file.read()
                    found += [path for needle in needles if needle in data]
        log = "\n".join(self.oxbow.lines).encode()
        found += ["oxbow's log" for needle in needles if needle in log]
        expect(not found, f"plaintext is in {sorted(set(found))}")
