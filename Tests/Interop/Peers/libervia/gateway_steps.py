"""What Libervia's gateway does, seen by a bare client: what Oxbow counts on, and what it has to bear. A change in a newer Libervia shows here."""

import asyncio
import base64
import uuid
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

import gre
from rig import GATEWAY
from stage import Client, expect

DATA = f"<data xmlns='{gre.GRE}' formatter='{gre.MIME}' encrypter='{gre.OPENPGP}'/>"
MINE, HERS = "alice@example.test", "carol@example.test"


async def run(stage):
    """All of them, by alice's bare client."""
    client = await Client("alice", stage.rig.ca).login()
    try:
        steps = Steps(stage, client, await stage.person(MINE, "Alice"), await stage.person(HERS, "Carol"))
        await steps.me.learn(await steps.carol.export())
        await steps.carol.learn(await steps.me.export())
        await stage.step("the gateway says that it is one, with mime:0 and openpgp:0", steps.discovery())
        await stage.step("who isn't registered gets no data, and an error that echoes <encrypted/>", steps.unregistered())
        await stage.step("a registration that it refuses is kept, and called one", steps.refusal())
        await stage.step("its form is filled in, and from then on there is data", steps.registration())
        await stage.step("<encrypted/> becomes a mail that plain gpg opens and verifies", steps.outbound())
        await stage.step("inline PGP comes in as the body", steps.inline())
        await stage.step("PGP/MIME comes in without its ciphertext", steps.pgp_mime())
        await stage.step("bad base64 and refused recipients are dropped without a word", steps.dropped())
        await stage.step("a contact has no keys on PEP", steps.keys())
        await stage.step("who unregisters may go on until it restarts", steps.unregistering())
        if stage.record:
            for person in (steps.me, steps.carol):
                secret, _ = await person.done("--armor", "--export-secret-keys")
                stage.keep(f"{person.name.lower()}.secret.asc", secret)
            certificate, _ = await steps.carol.done("--armor", "--export-options", "export-minimal", "--export", steps.carol.fingerprint)
            stage.keep("carol.asc", certificate)
    finally:
        await client.logout()


class Steps:
    """Each raises when it doesn't come to what it should."""

    def __init__(self, stage, client, me, carol):
        self.stage, self.client, self.me, self.carol = stage, client, me, carol

    async def discovery(self):
        for jid in (GATEWAY, self.carol.jid):
            answer = await self.client.iq("get", jid, f"<query xmlns='{gre.INFO}'/>")
            expect(answer is not None, f"{jid} doesn't answer")
            identities = {(i.get("category"), i.get("type")) for i in answer.iter(f"{{{gre.INFO}}}identity")}
            features = {f.get("var") for f in answer.iter(f"{{{gre.INFO}}}feature")}
            expect(("gateway", "smtp") in identities, f"identities {identities}")
            expect({gre.GRE, gre.MIME, gre.OPENPGP, gre.REGISTER} <= features, f"features {sorted(features)}")
            expect(gre.ENCRYPTED_ONLY not in features, "it takes encrypted content only")

    async def unregistered(self):
        expect(await self.client.iq("get", self.carol.jid, DATA, seconds=4) is None, "the data IQ is answered")
        start, sent = len(self.client.stanzas), await self.send(b"not even a message")
        error = await self.client.message(start, lambda m: m.get("id") == sent)
        expect(error is not None and error.get("type") == "error", "no error stanza")
        expect(error.find(f".//{{{gre.STANZAS}}}subscription-required") is not None, "another condition")
        expect(error.find(f"{{{gre.GRE}}}encrypted") is not None, "it doesn't echo")

    async def refusal(self):
        """By dave: the cache of what he has submitted outlives everything but a restart."""
        client = await Client("dave", self.stage.rig.ca).login()
        try:
            values = {**self.stage.rig.registration("dave"), "imap_password": "not-the-mail-password"}
            answer = await client.iq("set", GATEWAY, self.submission(values), seconds=60)
            expect(answer is not None and answer.get("type") == "error", "it is accepted")
            expect("not-the-mail-password" in gre.xml(answer), "the error doesn't echo the form any more")
            form = await client.iq("get", GATEWAY, f"<query xmlns='{gre.REGISTER}'/>")
            self.stage.keep("register-form-after-refusal-answer.xml", gre.xml(form))
            expect(form.find(f".//{{{gre.REGISTER}}}registered") is not None, "it isn't called registered any more")
            expect("not-the-mail-password" in gre.xml(form), "it isn't kept any more")
            await client.iq("set", GATEWAY, f"<query xmlns='{gre.REGISTER}'><remove/></query>")
        finally:
            await client.logout()

    @staticmethod
    def submission(values):
        fields = "".join(f"<field var='{name}'><value>{escape(value)}</value></field>" for name, value in values.items())
        head = f"<field var='FORM_TYPE' type='hidden'><value>{gre.REGISTER}</value></field>"
        return f"<query xmlns='{gre.REGISTER}'><x xmlns='{gre.FORM}' type='submit'>{head}{fields}</x></query>"

    async def registration(self):
        form = await self.client.iq("get", GATEWAY, f"<query xmlns='{gre.REGISTER}'/>")
        wanted = {f.get("var") for f in form.iter(f"{{{gre.FORM}}}field")} - {"FORM_TYPE"}
        values = self.stage.rig.registration("alice")
        expect(wanted == set(values), f"the form wants {sorted(wanted)}")
        answer = await self.client.iq("set", GATEWAY, self.submission(values), seconds=60)
        expect(answer is not None and answer.get("type") == "result", f"refused: {ElementTree.tostring(answer)}")
        data = await self.client.iq("get", self.carol.jid, DATA)
        found = {f.get("var"): f.findtext(f"{{{gre.FORM}}}value") for f in data.iter(f"{{{gre.FORM}}}field")}
        expect(found == {"FORM_TYPE": "urn:xmpp:gre:data", "sender_id": MINE}, f"the data are {found}")

    async def outbound(self):
        secret = f"outbound {uuid.uuid4()}"
        document = (
            f'Content-Type: text/plain; charset=utf-8; protected-headers="v1"\r\nFrom: {MINE}\r\nTo: {HERS}\r\nSubject: inside\r\n\r\n{secret}\r\n'
        ).encode()
        count = self.carol.count
        await self.send(await self.me.seal(document, {"recipients": [self.carol.fingerprint]}))
        raw, outer, opened = await self.carol.read(count)
        self.stage.keep("sent.eml", raw)
        expect(opened["decrypted"] and opened["signer"] == self.me.fingerprint, f"gpg says {opened['status']}")
        expect(secret in opened["letter"]["text"] and secret.encode() not in raw, "the text isn't where it belongs")
        # Replies and DMARC break on that; a mail program shows the inner From.
        expect(outer["From"] == "alice@localhost", f"From is {outer['From']} now")

    async def inline(self):
        secret, start = f"inline {uuid.uuid4()}", len(self.client.stanzas)
        mail = await self.carol.inline(MINE, secret, self.me.fingerprint)
        await self.carol.write(MINE, mail)
        message = await self.client.message(start, lambda m: m.get("from") == self.carol.jid, seconds=40)
        expect(message is not None, "nothing came")
        body = message.findtext("{jabber:client}body")
        self.stage.keep("inline.xml", gre.xml(message))
        self.stage.keep("inline.eml", mail)
        code, plain, _ = await self.me.gpg("--decrypt", data=body.encode())
        expect(code == 0 and plain.decode().strip() == secret, "gpg doesn't open the body")
        expect(message.find(f"{{{gre.GRE}}}encrypted") is None, "it has <encrypted/>")

    async def pgp_mime(self):
        start = len(self.client.stanzas)
        mail = await self.carol.pgp_mime(MINE, {"text": "lost", "subject": "inside"}, self.me.fingerprint)
        await self.carol.write(MINE, mail)
        message = await self.client.message(start, lambda m: m.get("from") == self.carol.jid, seconds=40)
        expect(message is not None, "nothing came")
        self.stage.keep("pgp-mime.xml", gre.xml(message))
        self.stage.keep("pgp-mime.eml", mail)
        expect(message.find(f"{{{gre.GRE}}}encrypted") is None, "it has <encrypted/> now: receive it in the steps of the bot")
        expect(not message.findtext("{jabber:client}body"), "the body isn't empty")

    async def dropped(self):
        start, count = len(self.client.stanzas), self.carol.count
        await self.send(None, text="!!!! not base64 !!!!")
        await self.send(b"x", to=f"{gre.escape_localpart('bad!name@example.test')}@{GATEWAY}")
        expect(await self.client.message(start, lambda m: m.get("type") == "error", seconds=4) is None, "there is an error now")
        expect(self.carol.count == count, "it was mailed")

    async def keys(self):
        query = f"<pubsub xmlns='{gre.PUBSUB}'><items node='{gre.KEYS}'/></pubsub>"
        answer = await self.client.iq("get", self.carol.jid, query)
        expect(answer is not None and answer.find(f".//{{{gre.PUBSUB}}}item") is None, "there are some now")

    async def unregistering(self):
        answer = await self.client.iq("set", GATEWAY, f"<query xmlns='{gre.REGISTER}'><remove/></query>")
        expect(answer is not None and answer.get("type") == "result", "it can't be unregistered from")
        expect(await self.client.iq("get", self.carol.jid, DATA, seconds=4) is not None, "its data are gone at once")
        await asyncio.to_thread(self.stage.rig.restart_gateway)
        expect(await self.client.iq("get", self.carol.jid, DATA, seconds=4) is None, "its data are still there")

    async def send(self, binary, text=None, to=None):
        identifier = str(uuid.uuid4())
        sealed = gre.encrypted(text if text is not None else base64.b64encode(binary).decode())
        await self.client.send(f"<message type='chat' to='{to or self.carol.jid}' id='{identifier}'>{sealed}</message>")
        return identifier
