"""Oxbow against Libervia's gateway, driven as its users drive it: config.yaml, a bot, and the command line."""

import asyncio
import base64
import glob
import hashlib
import json
import os
import re
import shutil
import time
import uuid

import gre
import owned
from rig import ACCOUNTS, CLIENTS, CLOSED, GATEWAY
from stage import Client, Trouble, expect

BOT, HERS = "bot@example.test", "carol@example.test"
CAROL = f"mailto:{HERS} via {GATEWAY}"
WRONG = "not-the-mail-password"
REGISTRATIONS = f"gateway_registrations.{GATEWAY}"

# What comes as inline PGP says nowhere for whom it is, and when: the bot has to be told that it may act on such mail.
ECHO = f"""
allow: ["mailto:*@example.test via {GATEWAY}"]
handlers:
  - element: body
    swift: echo
    addressed: any
"""


async def run(stage, program):
    """All of them. `bot` registers by its YAML and `alice` doesn't; `dave` has a wrong password there, `erin` a server that isn't there."""
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
        await stage.step("a refused registration is told, without the passwords that its error echoes", steps.refused())
        await stage.step("oxbow send with an attachment of 1 MiB: plain gpg opens and verifies the mail", steps.outbound())
        await stage.step("inline PGP from carol is opened and answered", steps.answer())
        await stage.step("PGP/MIME that Libervia empties is neither handled nor answered", steps.emptied())
        await stage.step("mail without encryption is neither handled nor answered", steps.unencrypted())
        await stage.step("mail that is signed by a stranger is refused", steps.stranger())
        await stage.step("who isn't registered hears nothing of Libervia: oxbow send says so", steps.silence())
        await stage.step("an error that echoes our <encrypted/> is an error, not mail: oxbow send says what is wrong", steps.echo())
        await stage.step("oxbow send alone registers anew from the YAML before it sends", steps.alone())
        await stage.step("oxbow run finds itself registered, and answers again", steps.again())
        await stage.step("a mail that Libervia drops is reported as no more than sent", steps.dropped())
        await stage.step("a mail with Cc makes Libervia deaf until it is restarted; the bot needs nothing more", steps.deaf())
        await stage.step("a registration that Libervia never answers is told as silent", steps.silent())
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
        wrong, absent = {"imap_password": json.dumps(WRONG)}, {"imap_port": json.dumps(str(CLOSED))}
        bot = self.account("bot", carol, {
            "imap_password": f"{{file: {self.folder}/imap-password}}", "smtp_password": f"{{command: [cat, {self.folder}/smtp-password]}}",
        })
        others = self.account("alice", carol, None) + self.account("dave", carol, wrong) + self.account("erin", carol, absent)
        return f"state: s\nbots: bots\naccounts:\n{bot}    bots: [mail]\n{others}"

    def account(self, name, carol, other):
        """An account; `other`: fields of its registration with another value, as YAML, or None without a registration."""
        fields = {field: json.dumps(value) for field, value in self.rig.registration(name).items()} | (other or {})
        form = "        register:\n" + "".join(f"          {field}: {value}\n" for field, value in fields.items())
        return f"""  - jid: {name}@localhost
    password: {ACCOUNTS[name]}
    connect: {{host: 127.0.0.1, port: {CLIENTS}, tls: starttls, ca: {self.rig.ca}}}
    gateways:
      - jid: {GATEWAY}
{"" if other is None else form}        keys:
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
        start = time.monotonic()
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
        out, err = out.decode(errors="replace"), err.decode(errors="replace")
        with open(f"{self.rig.logs}/commands.log", "a") as file:
            file.write(f"oxbow {arguments[0]}: {process.returncode} ({time.monotonic() - start:.1f} s)\n{out}{err}\n")
        return process.returncode, out, err

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

        start = len(self.lines)
        self.reader = asyncio.ensure_future(read())
        await self.logged("online .*account=bot@localhost", start=start)

    async def logged(self, pattern, count=1, start=0, seconds=60):
        """Waits until so many lines of the log match, from line `start` on."""
        end = asyncio.get_running_loop().time() + seconds
        while len([line for line in self.lines[start:] if re.search(pattern, line)]) < count:
            left = end - asyncio.get_running_loop().time()
            if left < 0 or self.daemon.returncode is not None:
                raise Trouble(f"the log doesn't say /{pattern}/:\n    " + "\n    ".join(self.lines[-15:]))
            self.said.clear()
            try:
                await asyncio.wait_for(self.said.wait(), min(left, 1))
            except asyncio.TimeoutError:
                pass

    async def status(self, jid="bot@localhost"):
        """What `oxbow status` says about an account."""
        code, out, err = await self.command("status", "--json")
        expect(code in (0, 5), f"oxbow status: {err}")
        return next(a for a in json.loads(out)["accounts"] if a["jid"] == jid)

    async def counters(self, jid="bot@localhost"):
        """An account's counters."""
        return {name: value for name, value in (await self.status(jid))["counters"].items() if value}

    async def counted(self, name, jid="bot@localhost", seconds=60):
        """Waits until something is counted."""
        end = asyncio.get_running_loop().time() + seconds
        while not (found := await self.counters(jid)).get(name):
            expect(asyncio.get_running_loop().time() < end, f"{name} isn't counted within {seconds} s: {found}")
            await asyncio.sleep(0.5)

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
        self.secrets, self.needles = [], []

    def secret(self, what):
        """A text that must never be seen outside the two ends."""
        self.secrets.append(f"{what} {uuid.uuid4()}")
        return self.secrets[-1]

    async def check(self):
        await self.oxbow.done("check")

    async def register(self):
        await self.oxbow.start()
        await self.oxbow.logged("key announced", 4)
        registered = lambda: re.search(r"User bot@localhost\S* successfully registered", self.rig.log("libervia"))  # noqa: E731
        await asyncio.to_thread(self.rig.wait, 60, "the registration", registered)
        said = "\n".join(self.oxbow.lines)
        expect(self.rig.registration("bot")["imap_password"] not in said, "oxbow's log contains the mail password")

    async def refused(self):
        """Libervia keeps a registration that it has refused, and says from then on that the account is registered: it is taken back."""
        await self.oxbow.counted(f"{REGISTRATIONS}.refused", "dave@localhost")
        await self.oxbow.logged("a gateway refuses the account .*account=dave@localhost")
        told = json.dumps((await self.oxbow.status("dave@localhost"))["gateways"]) + "\n".join(self.oxbow.lines)
        expect("Authentication error for IMAP server" in told, f"nobody says why: {told}")
        # The error echoes the whole form.
        for password in (WRONG, self.rig.registration("dave")["smtp_password"]):
            expect(password not in told, "a password is in the log or the status")
        client = await Client("dave", self.rig.ca).login()
        try:
            form = await client.iq("get", GATEWAY, f"<query xmlns='{gre.REGISTER}'/>")
        finally:
            await client.logout()
        expect(form is not None and form.find(f".//{{{gre.REGISTER}}}registered") is None, "the gateway calls it registered")
        expect(WRONG not in gre.xml(form), "the gateway keeps the password")

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
        self.needles.append(attachment[:64])
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
        # R23: this is how people and mail programs come to know the key; the first mail has it as a file, too.
        key = [f for f in opened["letter"]["attachments"] if f["type"] == "application/pgp-keys"]
        stranger = await self.stage.person("frank@example.test", "Frank")
        learnt = await stranger.learn(base64.b64decode(key[0]["data"])) if len(key) == 1 else []
        expect(learnt == [self.bot_key], f"gpg imports {learnt} from the mail")
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

    async def quiet(self, mail, counted):
        """A mail reaches the bot and is counted as `counted`, and nothing else comes of it: no event and no answer."""
        count, before = self.carol.count, await self.oxbow.counters()
        await self.carol.write(BOT, mail)
        changed, end = {}, asyncio.get_running_loop().time() + 40
        while not changed.get(counted) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.5)
            changed = {k: v - before.get(k, 0) for k, v in (await self.oxbow.counters()).items() if v != before.get(k, 0)}
        expect(changed == {counted: 1}, f"counted is {changed}, not one {counted}")
        # An answer would be on its way by now.
        await asyncio.sleep(2)
        expect(self.carol.count == count, "it is answered")

    async def emptied(self):
        letter = {"text": self.secret("emptied"), "subject": "inside"}
        await self.quiet(await self.carol.pgp_mime(BOT, letter, self.bot_key), counted="refused.plaintext")

    async def unencrypted(self):
        await self.quiet(self.carol.plain(BOT, "please run this", "plain"), counted="refused.plaintext")

    async def stranger(self):
        """The same name and address, another key."""
        mallory = await self.stage.person(HERS, "Carol")
        await mallory.learn(await self.carol.export(self.bot_key))
        await self.quiet(await mallory.inline(BOT, "please run this", self.bot_key), counted="refused.wrong-signer")

    async def silence(self):
        count, start = self.carol.count, time.monotonic()
        for _ in range(2):
            code, out, err = await self.oxbow.command(
                "send", "--from", "alice@localhost", "--to", HERS, "--via", GATEWAY, "--timeout", "40s", self.secret("silence")
            )
            expect(code == 1 and "Is alice@localhost registered with it?" in err, f"it ends with {code}: {out}{err}")
        # The second one doesn't wait once more for what didn't come.
        expect(time.monotonic() - start < 35, f"that takes {time.monotonic() - start:.1f} s")
        expect((await self.oxbow.counters("alice@localhost")).get("send_failures.gateway-data") == 2, "that isn't counted")
        expect(self.carol.count == count, "a mail came")

    async def echo(self):
        """The bot is unregistered behind its back, and Libervia restarted so that it knows; the bot's cached data let it send."""
        before, count, start = await self.oxbow.counters(), self.carol.count, len(self.oxbow.lines)
        client = await Client("bot", self.rig.ca).login()
        try:
            await client.iq("set", GATEWAY, f"<query xmlns='{gre.REGISTER}'><remove/></query>")
        finally:
            await client.logout()
        await asyncio.to_thread(self.rig.restart_gateway)
        code, out, err = await self.oxbow.command(
            "send", "--from", "bot@localhost", "--to", HERS, "--via", GATEWAY, "--timeout", "40s", self.secret("echo")
        )
        expect(code == 1 and "bot@localhost isn't registered with it" in err, f"it ends with {code}: {out}{err}")
        expect("User need to register" in err, f"Libervia's own words are missing: {err}")
        await self.oxbow.counted("gateway_errors.subscription-required")
        after = await self.oxbow.counters()
        events = [k for k, v in after.items() if k.startswith("events") and v != before.get(k, 0)]
        expect(not events, f"a handler has had the echo: {events}")
        expect(after.get("send_failures.refused-subscription-required") == 1, f"it is counted as {after}")
        expect("a gateway has refused a message" in "\n".join(self.oxbow.lines[start:]), "the log doesn't say so")
        expect(self.carol.count == count, "a mail came")

    async def alone(self):
        """Without a daemon."""
        await self.oxbow.stop()
        secret, count = self.secret("alone"), self.carol.count
        await self.oxbow.done("send", "--from", "bot@localhost", "--to", HERS, "--via", GATEWAY, "--timeout", "60s", secret)
        raw, _, opened = await self.carol.read(count, seconds=60)
        self.verify(raw, opened, secret)

    async def again(self):
        await self.oxbow.start()
        await self.oxbow.counted(f"{REGISTRATIONS}.unchanged")
        await self.answer()

    async def deaf(self):
        """A bug of Libervia's 0.9: if it is mended, this step says so, and docs/gateways.md is to be corrected."""
        before, count = await self.oxbow.counters(), self.carol.count
        for cc in ("alice@example.test", None):
            headers = {"Cc": cc} if cc else {}
            armor = await self.carol.inline(BOT, self.secret("deaf"), self.bot_key, **headers)
            await self.carol.write(BOT, armor)
            await asyncio.sleep(4)
        expect(await self.oxbow.counters() == before and self.carol.count == count, "it isn't deaf any more")
        await asyncio.to_thread(self.rig.restart_gateway)
        await self.answer()

    async def silent(self):
        await self.oxbow.counted(f"{REGISTRATIONS}.silent", "erin@localhost", seconds=90)
        said = json.dumps((await self.oxbow.status("erin@localhost"))["gateways"])
        expect("no answer within" in said and "compare servers" in said, f"oxbow status says {said}")

    async def dropped(self):
        """The mail server refuses this address; Libervia tells nobody. The bot's key for it is carol's, trusted by hand."""
        address = "bad!name@example.test"
        await self.oxbow.done("keys", "import", "--account", "bot@localhost", f"mailto:{address} via {GATEWAY}", text=await self.lie(address))
        before = self.rig.log("libervia").count("553 No recipients accepted")
        out = await self.oxbow.done(
            "send", "--from", "bot@localhost", "--to", address, "--via", GATEWAY, "--timeout", "40s", self.secret("dropped")
        )
        expect(re.search(r"^\S+: sent$", out.strip()) and "delivered" not in out, f"it says {out}")
        refused = lambda: self.rig.log("libervia").count("553 No recipients accepted") > before  # noqa: E731
        await asyncio.to_thread(self.rig.wait, 30, "the mail server's refusal", refused)

    async def lie(self, address):
        person = await self.stage.person(address, "Nobody")
        return await person.export()

    async def search(self):
        """Everything that a run leaves, the bot's own state included."""
        needles = [secret.encode() for secret in self.secrets] + self.needles
        control, controlled = BOT.encode(), 0
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
                    controlled += control in data
        log = "\n".join(self.oxbow.lines).encode()
        found += ["oxbow's log" for needle in needles if needle in log]
        expect(not found, f"plaintext is in {sorted(set(found))}")
        # What isn't secret is found: in the mails, and in the logs of the mail servers.
        expect(controlled > 4, f"the search finds too little of what is there: {controlled} files")
