#!/usr/bin/env python3
"""A small GRE gateway to mail: an XEP-0114 component that follows the three protoXEPs to the letter, unless a test says otherwise.

slixmpp for the stream, plain gpg for the people behind the gateway, nothing of Oxbow's. What comes for a mailbox is written to a folder as
the mail that a gateway would send (RFC 3156); no mail leaves it. Orders are JSON lines on stdin, each with an `id` and with `as`, the name
of one of its components; answers repeat the `id`, an answer with `error` failed. "user" is a mail address.

The component:
    {"do": "connect", "as": "email", "jid": "email.localhost", "secret": …, "port": …}      → {"jid": …, "dir": its folder}
    {"do": "disconnect", "as": …}
    {"do": "behave", "as": …, SETTING: value, …}       see SETTINGS; null gives a setting its default back
    {"do": "admit", "as": …, "jid": …, "fields": {}}   as if that JID had registered; {"do": "expel", …} takes it back
    {"do": "registrations", "as": …}                   → {"users": {bare JID: fields}}
    {"do": "send", "as": …, "xml": …}                  a stanza as it stands (`from` is the test's business)
    {"do": "iq", "as": …, "from": …, "to": …, "type": "get", "xml": payload}                → {"xml": the answer}

People behind it:
    {"do": "user", "as": …, "user": "carol@example.test", "name": "Carol", "user_ids": […], "layout": "common|separate|rsa", "publish": true}
                                                       → {"fingerprint": …, "jid": …}; with `publish` the key is at the contact's PEP nodes
    {"do": "key", "as": …, "user": …, "user_ids": […]} one more key                          → {"fingerprint": …}
    {"do": "gpg", "as": …, "user": …, "args": […], "input": base64}                         → {"code": …, "out": base64, "err": text}
    {"do": "learn", "as": …, "user": …, "data": base64 | "jid": bare JID}                   → {"fingerprints": […]}   a file, or XEP-0373
    {"do": "export", "as": …, "user": …, "key": …}     → {"data": base64}
    {"do": "publish", "as": …, "user": …, "keys": [fingerprints of that home] | {fingerprint: base64}, "notify": JID}
    {"do": "node", "as": …, "user": …, "node": …, "items": {id: XML} | null | {"error": {…}}}   a node bent by hand; null removes it

What they write (letters.py: text, subject, attachments, from, headers, protected, depth, …):
    {"do": "mail", "as": …, "user": …, "to": bot's JID, "mailbox": the bot's address, "recipients": [fingerprints], LETTER,
     "form": "combined|encapsulated|unsigned|unencrypted", "signers": […], "signed_at": seconds, "compress": "zlib",
     "autocrypt": true (its key in the letter), "attach_key": true, WRAPPER}                  → {"message": …, "stanza": …, "payload": base64,
                                                        "document": base64}. With "send": false only that, for somebody else to send.
        WRAPPER: "formatter", "encrypter" (null: left out), "payload" (text instead of the base64), "truncate": bytes, "armored": true,
        "wrapped": true (lines of 64), "message" (the stanza's id), "type" (null: none), "thread", "origin_id", "extra": XML beside, "from_jid", "request": true (a receipt), "outer_subject"
    {"do": "inline", …}    the same as inline PGP in the body (as Libervia passes it on), with "before" and "after" around the armor
    {"do": "plain", "as": …, "user": …, "to": …, "text": …, "subject": …}                     an unencrypted message

What they get (numbers count from 1 for each component):
    {"do": "received", "as": …}                        → {"messages": [{"number", "from", "to", "user", "kind": "encrypted|plain", "id", "xml",
                                                        "thread", "formatter", "encrypter", "payload": base64, "file": path of the mail}]}
    {"do": "open", "as": …, "number": …, "user": …}    by plain gpg → {"decrypted", "signer": fingerprint, "recipients", "status", "code",
                                                        "document", "letter": {"headers", "text", "attachments", "structure", "defects", …}}
    {"do": "refuse", "as": …, "number": …, "condition": …, "type": …, "text": …, "echo": true}   a late error stanza for it
    {"do": "receive", "as": …, "number": …}            a receipt (XEP-0184) for it

Events: {"event": "connected"}, {"event": "stanza", "as", "xml"} for all that comes, {"event": "mail", "as", "number", "from", "user", "kind",
"id"} for what was relayed, {"event": "refused", "as", "from", "id", "condition"} for what was not, {"event": "registered" | "unregistered",
"as", "jid"}, {"event": "data", "as", "from", "to"}. End of stdin ends everything, GnuPG agents and folders included.
"""

import asyncio
import base64
import itertools
import json
import logging
import os
import shutil
import signal
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from email.utils import formataddr
from xml.sax.saxutils import escape, quoteattr

import gre
import legacy
import letters
import owned

logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
import slixmpp  # noqa: E402

# A failure is {"condition": …, "type": …, "text": …, "extra": XML}.
SETTINGS = {
    "identities": [["gateway", "smtp", "Mail"]],  # [category, type, name]; [] is no gateway
    "formatters": [gre.MIME],
    "encrypters": [gre.OPENPGP],
    "encrypted_only": False,
    "features": None,  # the whole list instead
    "contact_features": None,  # what contacts announce; the same as the domain
    "items": None,  # disco#items: [[jid, name]]; the people behind it
    "access": "registered",  # or "open": anybody may use it
    "unknown": {"condition": "registration-required", "type": "auth", "text": "Register first."},  # or "silence"
    "fields": {  # of the registration
        "email": {"label": "Address"},
        "password": {"type": "text-private", "label": "Password"},
    },
    "expected": {},  # values that a registration must have, or it is `forbidden`
    "registration": "form",  # "legacy" has username and password without a form; "silence"; or a failure
    "reveal": False,  # a registered user's form shows what was stored, as Libervia does
    "data": "form",  # "silence", a failure, or XML in the place of <data/>
    "sender_ids": {},  # {bare JID: one, or several given one after another}; else the registered `email`, else LOCALPART@example.test
    "data_fields": {},  # {Clark name: value}
    "receipts": False,  # announced and given (XEP-0184)
    "relay": "accept",  # "drop", or a failure
    "relay_times": None,  # so often that failure; then it accepts
    "echo": True,  # errors contain what they are about
    "plain": None,  # "accept" | "drop" | failure; by default what encrypted_only says
    "size_limit": None,  # bytes of a stanza
    "pep": True,  # contacts have nodes with keys
    "presence": True,  # as XEP-0100 has it
}
POLICY = {"condition": "policy-violation", "type": "modify", "text": "Messages must be encrypted with Gateway Relayed Encryption."}


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Refusal(Exception):
    """What an IQ is answered with."""

    def __init__(self, condition, kind="cancel", text=None):
        super().__init__(condition)
        self.failure = {"condition": condition, "type": kind, "text": text}


class Gateway:
    """One component."""

    def __init__(self, name):
        self.name = name
        self.dir = owned.folder("oxg")
        self.settings = dict(SETTINGS)
        self.component = self.jid = None
        self.registered = {}
        self.people = {}
        self.nodes = {}  # (contact's localpart, node) → {item id: payload} or {"error": failure}
        self.received = []
        self.asked = {}
        self.refused = 0
        self.waiting = {}
        self.numbers = itertools.count(1)

    # ---- stream

    async def connect(self, order):
        self.jid = order["jid"]
        component = slixmpp.ComponentXMPP(self.jid, order["secret"], "127.0.0.1", order["port"])
        component.add_filter("in", self.incoming)
        up = asyncio.get_running_loop().create_future()

        def settle(failure):
            if not up.done():
                up.set_result(failure)

        component.add_event_handler("session_start", lambda _: settle(None))
        component.add_event_handler("connection_failed", lambda e: settle(f"no connection: {e}"))
        component.add_event_handler("stream_error", lambda e: settle(f"refused: {e['condition']}"))
        component.connect()
        self.component = component
        failure = await asyncio.wait_for(up, 30)
        if failure:
            component.abort()
            return {"error": failure}
        say(event="connected", **{"as": self.name})
        return {"jid": self.jid, "dir": self.dir}

    async def disconnect(self):
        if self.component is not None:
            component, self.component = self.component, None
            component.del_filter("in", self.incoming)
            await asyncio.wait([asyncio.ensure_future(asyncio.wait_for(component.disconnect(wait=1), 5))])

    def send(self, text):
        self.component.send_raw(text)

    def incoming(self, stanza):
        name = stanza.xml.tag.rpartition("}")[2]
        if name not in ("message", "presence", "iq"):
            return stanza
        element = gre.normalize(stanza.xml)
        say(event="stanza", **{"as": self.name}, xml=gre.xml(element))
        try:
            {"message": self.message, "presence": self.presence, "iq": self.iq}[name](element)
        except Exception as error:  # A bug here must not look like a gateway that is silent.
            say(event="bug", **{"as": self.name}, what=f"{type(error).__name__}: {error}")
        return None  # slixmpp answers nothing by itself.

    def ask(self, order):
        identifier = f"gateway{next(self.numbers)}"
        future = asyncio.get_running_loop().create_future()
        self.waiting[identifier] = future
        self.send(
            f"<iq id='{identifier}' type='{order['type']}' from={quoteattr(order['from'])} to={quoteattr(order['to'])}>{order['xml']}</iq>"
        )
        return asyncio.wait_for(future, 30)

    # ---- policy

    def knows(self, jid):
        return self.settings["access"] == "open" or gre.bare(jid) in self.registered

    def sender_id(self, jid):
        jid = gre.bare(jid)
        given = self.settings["sender_ids"].get(jid)
        if isinstance(given, list):
            turn = self.asked[jid] = self.asked.get(jid, 0) + 1
            given = given[min(turn, len(given)) - 1]
        if given is not None:
            return given
        return self.registered.get(jid, {}).get("email") or f"{gre.unescape_localpart(gre.split(jid)[0])}@example.test"

    def features(self, of_contact):
        given = self.settings["contact_features"] if of_contact else None
        given = self.settings["features"] if given is None else given
        if given is not None:
            return given
        mine = [gre.INFO, gre.ITEMS, gre.REGISTER, "jid\\20escaping", gre.GRE, *self.settings["formatters"], *self.settings["encrypters"]]
        mine += [gre.ENCRYPTED_ONLY] if self.settings["encrypted_only"] else []
        mine += [gre.RECEIPTS] if self.settings["receipts"] else []
        return mine

    # ---- IQ

    def iq(self, element):
        kind, sender, to, identifier = (element.get(k) for k in ("type", "from", "to", "id"))
        if kind in ("result", "error"):
            if future := self.waiting.pop(identifier, None):
                future.set_result(gre.xml(element))
            return
        head = f"<iq type='%s' id={quoteattr(identifier)} from={quoteattr(to)} to={quoteattr(sender)}>"
        child = next(iter(element), None)
        try:
            answer = self.answer(kind, child, sender, to)
        except Refusal as refusal:
            echo = gre.xml(child) if child is not None and self.settings["echo"] else ""
            self.send(head % "error" + echo + gre.error(refusal.failure) + "</iq>")
            return
        if answer is not None:
            self.send(head % "result" + answer + "</iq>")

    def answer(self, kind, child, sender, to):
        """The payload of the answer, or None for silence."""
        local, tag = gre.split(to)[0], child.tag if child is not None else None
        if kind == "get" and tag == f"{{{gre.INFO}}}query":
            return self.info(child.get("node"), local)
        if kind == "get" and tag == f"{{{gre.ITEMS}}}query":
            return self.items(child.get("node"), local)
        if tag == f"{{{gre.REGISTER}}}query" and local is None:
            return self.registration(kind, child, sender)
        if kind == "get" and tag == f"{{{gre.GRE}}}data":
            return self.data(child, sender, to)
        if kind == "get" and tag == f"{{{gre.PUBSUB}}}pubsub" and local is not None:
            return self.pubsub(child, local)
        if kind == "get" and tag == "{urn:xmpp:ping}ping":
            return ""
        raise Refusal("service-unavailable")

    def info(self, node, local):
        if node and (local, node) not in self.nodes:
            raise Refusal("item-not-found")
        if node:
            return gre.info([["pubsub", "leaf", ""]], [gre.PUBSUB], node)
        return gre.info(self.settings["identities"], self.features(local is not None))

    def items(self, node, local):
        if node:
            raise Refusal("item-not-found")
        if local is not None:
            return gre.items([(f"{local}@{self.jid}", n) for (owner, n) in self.nodes if owner == local])
        listed = self.settings["items"]
        if listed is None:
            listed = [[self.contact(p.address), p.name or p.address] for p in self.people.values()]
        return gre.items(listed)

    def registration(self, kind, query, sender):
        way, jid = self.settings["registration"], gre.bare(sender)
        if way == "silence":
            return None
        if isinstance(way, dict):
            raise Refusal(way["condition"], way.get("type", "cancel"), way.get("text"))
        stored = self.registered.get(jid)
        if kind == "get":
            if way == "legacy":
                registered = "<registered/>" if stored is not None else ""
                return f"<query xmlns='{gre.REGISTER}'>{registered}<instructions>Your mailbox.</instructions><username/><password/></query>"
            return gre.register_form(self.settings["fields"], stored if self.settings["reveal"] else None, stored is not None)
        if query.find(f"{{{gre.REGISTER}}}remove") is not None:
            if self.registered.pop(jid, None) is None:
                raise Refusal("registration-required", "auth")
            say(event="unregistered", **{"as": self.name}, jid=jid)
            asyncio.get_running_loop().call_soon(self.farewell, jid)
            return ""
        if way == "legacy":
            values = {c.tag.rpartition("}")[2]: c.text or "" for c in query}
            needed = ["username", "password"]
        else:
            values = gre.submitted(query)
            needed = [n for n, f in self.settings["fields"].items() if f.get("required", True)]
        if values is None or (way == "form" and values.get("FORM_TYPE") != gre.REGISTER):
            raise Refusal("bad-request", "modify", "No data form found.")
        if missing := [n for n in needed if not values.get(n)]:
            raise Refusal("not-acceptable", "modify", f"Missing: {', '.join(missing)}")
        if any(values.get(n) != v for n, v in self.settings["expected"].items()):
            raise Refusal("forbidden", "auth", "The mail server refused the password.")
        values.pop("FORM_TYPE", None)
        self.registered[jid] = values
        say(event="registered", **{"as": self.name}, jid=jid)
        if self.settings["presence"]:  # XEP-0100 § 4.1: it asks for the user's presence.
            asyncio.get_running_loop().call_soon(self.send, self.pres("subscribe", self.jid, jid))
        return ""

    def data(self, child, sender, to):
        say(event="data", **{"as": self.name}, **{"from": sender, "to": to})
        way = self.settings["data"]
        if not self.knows(sender):
            if self.settings["unknown"] == "silence":
                return None
            failure = self.settings["unknown"]
            raise Refusal(failure["condition"], failure.get("type", "auth"), failure.get("text"))
        if way == "silence":
            return None
        if isinstance(way, dict):
            raise Refusal(way["condition"], way.get("type", "cancel"), way.get("text"))
        local, _, resource = gre.split(to)
        if local is None or resource is not None:
            raise Refusal("bad-request", "modify", "The request goes to the bare JID of a contact.")
        self.check(child)
        if way != "form":
            return way
        return gre.data_form(self.sender_id(sender), self.settings["data_fields"])

    def check(self, element):
        """Both attributes are a MUST, and only what was announced is understood."""
        for name, known in (("formatter", self.settings["formatters"]), ("encrypter", self.settings["encrypters"])):
            if element.get(name) is None:
                raise Refusal("bad-request", "modify", f"The attribute {name} is missing.")
            if element.get(name) not in known:
                raise Refusal("item-not-found", "cancel", f"There is no such {name}.")

    def pubsub(self, child, local):
        wanted = child.find(f"{{{gre.PUBSUB}}}items")
        if not self.settings["pep"] or wanted is None:
            raise Refusal("service-unavailable")
        entries = self.nodes.get((local, wanted.get("node")))
        if entries is None:
            raise Refusal("item-not-found")
        if "error" in entries:
            failure = entries["error"]
            raise Refusal(failure["condition"], failure.get("type", "cancel"), failure.get("text"))
        asked = [i.get("id") for i in wanted.findall(f"{{{gre.PUBSUB}}}item")]
        if asked:
            entries = {i: p for i, p in entries.items() if i in asked}
        elif limit := wanted.get("max_items"):
            entries = dict(list(entries.items())[-int(limit) :])
        return gre.node_items(wanted.get("node"), entries)

    # ---- presence

    @staticmethod
    def pres(kind, sender, to):
        kind = f" type='{kind}'" if kind else ""
        return f"<presence{kind} from={quoteattr(sender)} to={quoteattr(to)}/>"

    def presence(self, element):
        """XEP-0100 § 4 and 5: subscriptions are granted to those who may use the gateway, and all contacts are there."""
        kind, sender, to = element.get("type"), element.get("from"), gre.bare(element.get("to"))
        if not self.settings["presence"] or kind == "error":
            return
        if kind == "subscribe":
            if not self.knows(sender):
                self.send(self.pres("unsubscribed", to, gre.bare(sender)))
                return
            self.send(self.pres("subscribed", to, gre.bare(sender)))
            self.send(self.pres(None, to, gre.bare(sender)))
        elif kind in (None, "probe") and self.knows(sender):
            self.send(self.pres(None, to, sender))
        elif kind == "unsubscribe":
            self.send(self.pres("unsubscribed", to, gre.bare(sender)))
        elif kind == "unavailable":
            self.send(self.pres("unavailable", to, sender))

    def farewell(self, jid):
        if self.settings["presence"]:
            for kind in ("unsubscribe", "unsubscribed", "unavailable"):
                self.send(self.pres(kind, self.jid, jid))

    # ---- messages

    def message(self, element):
        if element.get("type") == "error":
            return
        sealed = element.find(f"{{{gre.GRE}}}encrypted")
        body = element.find("{jabber:client}body")
        if sealed is None and body is None:
            return  # Chat states, receipts and the like are not relayed.
        try:
            if self.accept(element, sealed):
                self.relay(element, sealed)
        except Refusal as refusal:
            self.bounce(element, refusal.failure)

    def accept(self, element, sealed):
        """Whether it is relayed; what isn't is refused or dropped."""
        sender, size, policy = element.get("from"), len(gre.xml(element)), self.settings["relay"]
        if not self.knows(sender):
            if self.settings["unknown"] == "silence":
                return False
            failure = self.settings["unknown"]
            raise Refusal(failure["condition"], failure.get("type", "auth"), failure.get("text"))
        if self.settings["size_limit"] and size > self.settings["size_limit"]:
            raise Refusal("policy-violation", "modify", f"The stanza is larger than {self.settings['size_limit']} bytes.")
        if gre.split(element.get("to"))[0] is None:
            raise Refusal("item-not-found", "cancel", "Nobody is addressed.")
        if sealed is None:
            policy = self.settings["plain"] or (POLICY if self.settings["encrypted_only"] else "accept")
        else:
            self.check(sealed)
            try:
                base64.b64decode("".join((sealed.text or "").split()), validate=True)
            except ValueError:
                raise Refusal("bad-request", "modify", "That is not base64.") from None
            times = self.settings["relay_times"]
            if isinstance(policy, dict) and times is not None:
                policy = policy if self.refused < times else "accept"
                self.refused += 1
        if isinstance(policy, dict):
            raise Refusal(policy["condition"], policy.get("type", "cancel"), policy.get("text"))
        return policy == "accept"

    def relay(self, element, sealed):
        sender, number = element.get("from"), len(self.received) + 1
        user = gre.unescape_localpart(gre.split(element.get("to"))[0])
        origin = element.find("{urn:xmpp:sid:0}origin-id")
        record = {
            "number": number, "from": sender, "to": element.get("to"), "user": user, "id": element.get("id"), "xml": gre.xml(element),
            "kind": "plain" if sealed is None else "encrypted", "thread": element.findtext("{jabber:client}thread"),
            "origin_id": origin.get("id") if origin is not None else None, "file": f"{self.dir}/{number:04d}.eml",
        }
        address = self.registered.get(gre.bare(sender), {}).get("email") or f"{gre.split(sender)[0]}@example.test"
        if sealed is None:
            subject, body = (element.findtext(f"{{jabber:client}}{name}") for name in ("subject", "body"))
            mail = letters.compose({"text": body or "", "subject": subject}, address, user)
        else:
            binary = base64.b64decode("".join((sealed.text or "").split()))
            record.update(formatter=sealed.get("formatter"), encrypter=sealed.get("encrypter"), payload=base64.b64encode(binary).decode())
            message_id = f"<{record['origin_id']}@{address.rpartition('@')[2]}>" if record["origin_id"] else None
            thread = f"<{record['thread']}@{address.rpartition('@')[2]}>" if record["thread"] else None
            mail = letters.encrypted(letters.armored(binary), address, user, message_id, thread)
        with open(record["file"], "wb") as file:
            file.write(mail)
        self.received.append(record)
        if self.settings["receipts"] and element.find(f"{{{gre.RECEIPTS}}}request") is not None:
            self.receipt(record)
        say(event="mail", **{"as": self.name}, **{k: record[k] for k in ("number", "from", "user", "kind", "id")})

    def receipt(self, record):
        self.send(
            f"<message from={quoteattr(gre.bare(record['to']))} to={quoteattr(record['from'])} id='{uuid.uuid4()}'>"
            f"<received xmlns='{gre.RECEIPTS}' id={quoteattr(record['id'])}/></message>"
        )

    def bounce(self, element, failure):
        echo = "".join(gre.xml(child) for child in element) if self.settings["echo"] else ""
        identifier = f" id={quoteattr(element.get('id'))}" if element.get("id") else ""
        self.send(
            f"<message type='error' from={quoteattr(element.get('to'))} to={quoteattr(element.get('from'))}{identifier}>"
            f"{echo}{gre.error(failure)}</message>"
        )
        say(event="refused", **{"as": self.name}, **{"from": element.get("from"), "id": element.get("id"), "condition": failure["condition"]})

    # ---- people

    def contact(self, address):
        return f"{gre.escape_localpart(address)}@{self.jid}"

    def person(self, order):
        if order["user"] not in self.people:
            raise KeyError(f"nobody here is {order['user']}")
        return self.people[order["user"]]

    async def make_user(self, order):
        person = self.people[order["user"]] = legacy.LegacyUser(order["user"], order.get("name"))
        fingerprint = await person.make_key(order.get("user_ids"), order.get("layout", "common"))
        if order.get("publish", True):
            await self.publish(person, {"keys": [fingerprint]})
        return {"fingerprint": fingerprint, "jid": self.contact(order["user"])}

    async def publish(self, person, order):
        keys, local = order["keys"], gre.escape_localpart(person.address)
        if isinstance(keys, list):
            keys = {key: await person.export(key) for key in keys}
        else:
            keys = {key: base64.b64decode(data) for key, data in keys.items()}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for key, material in keys.items():
            self.nodes[local, f"{gre.KEYS}:{key}"] = {now: gre.key_item(material)}
        self.nodes[local, gre.KEYS] = {"current": gre.key_list({key: now for key in keys})}
        if order.get("notify"):
            event = gre.node_event(gre.KEYS, self.nodes[local, gre.KEYS])
            self.send(
                f"<message type='headline' from={quoteattr(self.contact(person.address))} to={quoteattr(order['notify'])} id='{uuid.uuid4()}'>"
                f"{event}</message>"
            )

    async def learn(self, person, order):
        if "data" in order:
            return await person.learn(base64.b64decode(order["data"]))
        owner, learnt = order["jid"], []
        for entry in (await self.fetch(person, owner, gre.KEYS)).iter(f"{{{gre.OX}}}pubkey-metadata"):
            item = await self.fetch(person, owner, f"{gre.KEYS}:{entry.get('v4-fingerprint')}")
            data = next(item.iter(f"{{{gre.OX}}}data")).text
            learnt += await person.learn(base64.b64decode("".join(data.split())))
        return learnt

    async def fetch(self, person, owner, node):
        query = f"<pubsub xmlns='{gre.PUBSUB}'><items node={quoteattr(node)} max_items='1'/></pubsub>"
        return ElementTree.fromstring(await self.ask({"from": self.contact(person.address), "to": owner, "type": "get", "xml": query}))

    async def write(self, order, inline=False):
        """A letter: composed, sealed, wrapped, and sent unless the order says not to."""
        person = self.person(order)
        order = dict(order)
        if order.get("autocrypt") or order.get("attach_key"):
            key = base64.b64encode(await person.export()).decode()
        if order.get("autocrypt"):
            order["headers"] = {**order.get("headers", {}), "Autocrypt": f"addr={person.address}; prefer-encrypt=mutual; keydata={key}"}
        if order.get("attach_key"):
            order["attachments"] = [*order.get("attachments", []), {"name": "key.asc", "type": "application/pgp-keys", "data": key}]
        mailbox = order.get("mailbox") or self.mailbox(order["to"])
        sender = formataddr((person.name, person.address)) if person.name else person.address
        document = order.get("text", "").encode() if inline else letters.compose(order | {"to": order.get("to_header", mailbox)}, sender, mailbox)
        binary = await person.seal(document, order)
        binary = binary[: order["truncate"]] if "truncate" in order else binary
        if inline:
            armor = (order.get("before", "") + letters.armored(binary).decode() + order.get("after", "")).strip("\n") + "\n"
            inner = f"<body>{escape(armor)}</body>"
        else:
            inner = gre.encrypted(self.payload(order, binary), order.get("formatter", gre.MIME), order.get("encrypter", gre.OPENPGP))
        stanza, identifier = self.wrap(order, inner)
        if order.get("send", True):
            self.send(stanza)
        big = len(document) > 1 << 20
        return {
            "message": identifier, "stanza": stanza if len(stanza) <= 1 << 20 else None, "payload": base64.b64encode(binary).decode(),
            "document": None if big else base64.b64encode(document).decode(),
        }

    def mailbox(self, jid):
        return self.registered.get(gre.bare(jid), {}).get("email") or f"{gre.split(jid)[0]}@example.test"

    @staticmethod
    def payload(order, binary):
        if "payload" in order:
            return escape(order["payload"])
        text = base64.b64encode(letters.armored(binary) if order.get("armored") else binary).decode()
        return "\n".join(text[i : i + 64] for i in range(0, len(text), 64)) if order.get("wrapped") else text

    def wrap(self, order, inner):
        """A message stanza from a contact."""
        identifier, kind = order.get("message", str(uuid.uuid4())), order.get("type", "normal")
        head = f"<message from={quoteattr(order.get('from_jid') or self.contact(order['user']))} to={quoteattr(order['to'])}"
        head += f" id={quoteattr(identifier)}" + (f" type={quoteattr(kind)}" if kind else "") + ">"
        subject = f"<subject>{escape(order['outer_subject'])}</subject>" if "outer_subject" in order else ""
        thread = f"<thread>{escape(order['thread'])}</thread>" if "thread" in order else ""
        origin = f"<origin-id xmlns='urn:xmpp:sid:0' id={quoteattr(order['origin_id'])}/>" if "origin_id" in order else ""
        request = f"<request xmlns='{gre.RECEIPTS}'/>" if order.get("request") else ""
        return head + subject + inner + thread + origin + request + order.get("extra", "") + "</message>", identifier

    def remove(self):
        for person in self.people.values():
            person.remove()
        shutil.rmtree(self.dir, ignore_errors=True)


class Gateways:
    """The components by name, and the orders."""

    def __init__(self):
        self.gateways = {}

    def gateway(self, name):
        if name not in self.gateways:
            self.gateways[name] = Gateway(name)
        return self.gateways[name]

    async def obey(self, order):
        gateway = self.gateway(order["as"])
        method = getattr(self, "do_" + order["do"], None)
        if method is None:
            return {"error": f"unknown order {order['do']}"}
        return await method(gateway, order) or {"ok": True}

    async def do_connect(self, gateway, order):
        return await gateway.connect(order)

    async def do_disconnect(self, gateway, _):
        await gateway.disconnect()

    async def do_behave(self, gateway, order):
        for name, value in order.items():
            if name in ("do", "as", "id"):
                continue
            if name not in SETTINGS:
                return {"error": f"there is no setting {name}"}
            gateway.settings[name] = SETTINGS[name] if value is None else value
        gateway.refused = 0

    async def do_admit(self, gateway, order):
        gateway.registered[order["jid"]] = order.get("fields", {})

    async def do_expel(self, gateway, order):
        gateway.registered.pop(order["jid"], None)

    async def do_registrations(self, gateway, _):
        return {"users": gateway.registered}

    async def do_send(self, gateway, order):
        gateway.send(order["xml"])

    async def do_iq(self, gateway, order):
        return {"xml": await gateway.ask(order)}

    async def do_user(self, gateway, order):
        return await gateway.make_user(order)

    async def do_key(self, gateway, order):
        return {"fingerprint": await gateway.person(order).make_key(order.get("user_ids"), order.get("layout", "common"))}

    async def do_gpg(self, gateway, order):
        code, out, err = await gateway.person(order).gpg(*order["args"], data=base64.b64decode(order.get("input", "")))
        return {"code": code, "out": base64.b64encode(out).decode(), "err": err}

    async def do_learn(self, gateway, order):
        return {"fingerprints": await gateway.learn(gateway.person(order), order)}

    async def do_export(self, gateway, order):
        return {"data": base64.b64encode(await gateway.person(order).export(order.get("key"))).decode()}

    async def do_publish(self, gateway, order):
        await gateway.publish(gateway.person(order), order)

    async def do_node(self, gateway, order):
        place = gre.escape_localpart(order["user"]), order["node"]
        if order.get("items") is None:
            gateway.nodes.pop(place, None)
        else:
            gateway.nodes[place] = order["items"]

    async def do_mail(self, gateway, order):
        return await gateway.write(order)

    async def do_inline(self, gateway, order):
        return await gateway.write(order, inline=True)

    async def do_plain(self, gateway, order):
        subject = f"<subject>{escape(order['subject'])}</subject>" if "subject" in order else ""
        stanza, identifier = gateway.wrap(order, f"{subject}<body>{escape(order.get('text', ''))}</body>")
        gateway.send(stanza)
        return {"message": identifier, "stanza": stanza}

    async def do_received(self, gateway, _):
        return {"messages": gateway.received}

    async def do_open(self, gateway, order):
        record = gateway.received[order["number"] - 1]
        person = gateway.person({"user": order.get("user", record["user"])})
        return await person.open(base64.b64decode(record["payload"]))

    async def do_refuse(self, gateway, order):
        record = gateway.received[order["number"] - 1]
        gateway.bounce(ElementTree.fromstring(record["xml"]), order)

    async def do_receive(self, gateway, order):
        gateway.receipt(gateway.received[order["number"] - 1])

    async def answer(self, order):
        try:
            answer = await self.obey(order)
        except Exception as error:  # Whatever it is, the test must hear of it.
            answer = {"error": f"{type(error).__name__}: {error}"}
        say(id=order["id"], **answer)

    async def serve(self):
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader(limit=64 << 20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        tasks = set()
        main = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, main.cancel)
        try:
            while line := await lines.readline():
                task = asyncio.ensure_future(self.answer(json.loads(line)))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            for gateway in self.gateways.values():
                gateway.remove()


if __name__ == "__main__":
    try:
        asyncio.run(Gateways().serve())
    except (asyncio.CancelledError, BrokenPipeError):
        pass
