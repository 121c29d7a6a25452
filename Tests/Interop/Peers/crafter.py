#!/usr/bin/env python3
"""An XMPP peer that says what it is told to: slixmpp for the stream, plain gpg for OpenPGP, nothing of Oxbow's.

Orders are JSON lines on stdin, each with an `id` and mostly with `as`, the name of one of its clients (each has a GnuPG home):

    {"do": "login", "as": "alice", "jid": …, "password": …, "port": …, "ca": …, "resource": …, "features": []}  → {"jid": full JID}
        with features it announces them (XEP-0115), and answers who asks
    {"do": "logout", "as": …}
    {"do": "gpg", "as": …, "args": […], "input": base64}  → {"code": …, "out": base64, "err": text}
    {"do": "file", "as": …, "name": …, "data": base64}    → {"path": …}    a file beside that client's GnuPG home
    {"do": "read", "as": …, "name": …}                    → {"data": base64}   the home itself is called `g`
    {"do": "send", "as": …, "xml": …}                     sent as it is
    {"do": "iq", "as": …, "type": "get", "to": …, "xml": payload}  → {"xml": the answer}
    {"do": "archive", "as": …}     all of its own archive (XEP-0313)  → {"messages": [{"id": …, "origin": …, "from": …, "payload": base64}, …]}

Answers repeat the `id`; an answer with `error` failed. Every stanza that comes in is printed as {"event": "stanza", "as": …, "xml": …}.
End of stdin ends everything, GnuPG agents and homes included.
"""

import asyncio
import base64
import inspect
import itertools
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import owned

logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # slixmpp leaves a task behind with every stream.
import slixmpp  # noqa: E402

MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
STANZAS = {f"{{jabber:client}}{name}" for name in ("message", "presence", "iq")}


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Peer:
    """One client: a stream and a GnuPG home."""

    def __init__(self, name):
        self.name = name
        self.dir = owned.folder("oxc")
        self.home = f"{self.dir}/g"
        os.mkdir(self.home, 0o700)
        self.client = None
        self.waiting = {}
        self.numbers = itertools.count(1)
        self.archived = None

    async def login(self, order):
        client = slixmpp.ClientXMPP(order["jid"] + "/" + order.get("resource", "crafter"), order["password"])
        client.auto_authorize = None  # A request for subscription is the test's business.
        client.auto_subscribe = False
        client.ca_certs = Path(order["ca"])
        self.client = client
        bound = asyncio.get_running_loop().create_future()

        def settle(value):
            if not bound.done():
                bound.set_result(value)

        features = order.get("features", [])
        if features:
            for plugin in ("xep_0030", "xep_0115"):
                client.register_plugin(plugin)
            for feature in features:
                client["xep_0030"].add_feature(feature)
        client.add_event_handler("session_start", lambda _: settle(None))
        # One mechanism may fail where the next succeeds: slixmpp 1.8 knows no channel binding for TLS 1.3.
        client.add_event_handler("failed_all_auth", lambda _: settle("the server refused the password"))
        client.add_event_handler("connection_failed", lambda e: settle(f"no connection: {e}"))
        client.add_filter("in", self.incoming)
        if "address" in inspect.signature(client.connect).parameters:  # slixmpp < 1.9
            client.connect(("127.0.0.1", order["port"]))
        else:
            client.connect("127.0.0.1", order["port"])
        failure = await asyncio.wait_for(bound, 30)
        if failure:
            client.abort()
            return {"error": failure}
        if features:
            await client["xep_0115"].update_caps()
            client.send_presence()
        else:
            client.send_raw("<presence/>")
        return {"jid": client.boundjid.full}

    def incoming(self, stanza):
        if stanza.xml.tag not in STANZAS:
            return stanza
        if self.archived is not None and (result := stanza.xml.find(f"{{{MAM}}}result")) is not None:
            self.archived.append(result)
            return stanza
        xml = ElementTree.tostring(stanza.xml, encoding="unicode")
        future = self.waiting.pop(stanza.xml.get("id"), None) if stanza.xml.get("type") in ("result", "error") else None
        if future is not None and stanza.xml.tag.endswith("}iq"):
            future.set_result(xml)
        else:
            if future is not None:
                self.waiting[stanza.xml.get("id")] = future
            say(event="stanza", **{"as": self.name}, xml=xml)
        return stanza

    async def iq(self, order):
        identifier = f"crafted{next(self.numbers)}"
        future = asyncio.get_running_loop().create_future()
        self.waiting[identifier] = future
        to = f" to='{order['to']}'" if order.get("to") else ""
        self.client.send_raw(f"<iq id='{identifier}' type='{order['type']}'{to}>{order['xml']}</iq>")
        return {"xml": await asyncio.wait_for(future, 30)}

    async def archive(self):
        """Every message of the archive, oldest first, a page at a time."""
        after, messages = "", []
        while True:
            self.archived = []
            try:
                query = f"<query xmlns='{MAM}'><set xmlns='{RSM}'><max>50</max>{after}</set></query>"
                answer = ElementTree.fromstring((await self.iq({"type": "set", "xml": query}))["xml"])
                messages += [self.summary(result) for result in self.archived]
            finally:
                self.archived = None
            fin = answer.find(f"{{{MAM}}}fin")
            if fin is None:
                return {"error": ElementTree.tostring(answer, encoding="unicode")}
            last = fin.find(f"{{{RSM}}}set/{{{RSM}}}last")
            if fin.get("complete") == "true" or last is None:
                return {"messages": messages}
            after = f"<after>{last.text}</after>"

    @staticmethod
    def summary(result):
        message = result.find("{urn:xmpp:forward:0}forwarded/{jabber:client}message")
        origin = message.find("{urn:xmpp:sid:0}origin-id")
        payload = message.find("{urn:xmpp:openpgp:0}openpgp")
        return {
            "id": message.get("id"), "from": message.get("from"), "origin": origin.get("id") if origin is not None else None,
            "payload": payload.text if payload is not None else None,
        }

    async def gpg(self, order):
        process = await asyncio.create_subprocess_exec(
            "gpg", "--homedir", self.home, "--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback", "--passphrase", "",
            "--trust-model", "always", "--status-fd", "2", *order["args"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir,
        )
        out, err = await process.communicate(base64.b64decode(order.get("input", "")))
        return {"code": process.returncode, "out": base64.b64encode(out).decode(), "err": err.decode("utf-8", "replace")}

    async def logout(self):
        if self.client is not None:
            client, self.client = self.client, None
            client.del_filter("in", self.incoming)
            await asyncio.wait([asyncio.ensure_future(asyncio.wait_for(client.disconnect(wait=1), 5))])

    def remove(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


class Crafter:
    """The peers by name, and the orders."""

    def __init__(self):
        self.peers = {}

    def peer(self, name):
        if name not in self.peers:
            self.peers[name] = Peer(name)
        return self.peers[name]

    async def obey(self, order):
        what, peer = order["do"], self.peer(order["as"])
        if what == "login":
            return await peer.login(order)
        if what == "logout":
            await peer.logout()
            return {"ok": True}
        if what == "gpg":
            return await peer.gpg(order)
        if what == "file":
            path = os.path.join(peer.dir, order["name"])
            with open(path, "wb") as f:
                f.write(base64.b64decode(order["data"]))
            return {"path": path}
        if what == "read":
            with open(os.path.join(peer.dir, order["name"]), "rb") as f:
                return {"data": base64.b64encode(f.read()).decode()}
        if what == "send":
            peer.client.send_raw(order["xml"])
            return {"ok": True}
        if what == "iq":
            return await peer.iq(order)
        if what == "archive":
            return await peer.archive()
        return {"error": f"unknown order {what}"}

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
            for peer in self.peers.values():
                peer.remove()


if __name__ == "__main__":
    try:
        asyncio.run(Crafter().serve())
    except (asyncio.CancelledError, BrokenPipeError):
        pass
