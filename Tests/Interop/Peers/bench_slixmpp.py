#!/usr/bin/env python3
"""A slixmpp client that does what Oxbow's part of a benchmark does: the other part of `scripts/bench resume` and `restart`, and the recipient in
`scripts/bench webhooks`.

    bench_slixmpp.py < ORDER

The order is one line of JSON; the end of stdin ends it. What happens is printed as JSON lines with the time of the monotonic clock:
{"event": "online", "at": …}. With `stanza` in the order (a message with the id `resume-1000000`), `count` of them are sent after the second
line: "handed". When the line is cut the client connects again at once: "offline", "resumed", "acknowledged" when that is all of them.
With `listen` it is there for others, and each message that comes is an event: "message".
"""

import asyncio
import collections
import inspect
import json
import logging
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
import slixmpp  # noqa: E402
from slixmpp.plugins.xep_0198 import stanza as management  # noqa: E402


def say(event, **members):
    sys.stdout.write(json.dumps({"event": event, "at": time.monotonic(), **members}) + "\n")
    sys.stdout.flush()


class Client(slixmpp.ClientXMPP):
    def __init__(self, order):
        super().__init__(order["jid"], order["password"])
        self.order = order
        self.ca_certs = Path(order["ca"])
        # Its own wish to try TLS from the first byte would cost it a connection.
        self.enable_direct_tls = self.enable_plaintext = False
        self.handed = False
        # The session begins before stream management is enabled; only with it anything can be resumed.
        self.missing = {"session_start"}
        if "stanza" in order:
            self.register_plugin("xep_0198", {"allow_resume": True})
            self.missing.add("sm_enabled")
            self.add_event_handler("sm_enabled", lambda _: self.started("sm_enabled"))
            self.add_event_handler("disconnected", self.lost)
            self.add_event_handler("session_resumed", self.resumed)
            self.add_event_handler("stanza_acked", self.acknowledged)
            self.keep_queue()
        if order.get("listen"):
            self.add_event_handler("session_start", lambda _: self.send_presence())
            self.add_filter("in", self.hear)
        self.add_event_handler("session_start", lambda _: self.started("session_start"))
        for failure in ("failed_all_auth", "connection_failed", "sm_failed"):
            self.add_event_handler(failure, lambda words, failure=failure: say("failed", words=f"{failure}: {words}"))

    @property
    def management(self):
        return self["xep_0198"]

    def keep_queue(self):
        """slixmpp 1.8 empties its queue when it asks for resumption, and sends nothing again; 1.17 does not. The bench gives the queue back."""
        plugin = self.management
        if "Enable):" in inspect.getsource(type(plugin)._handle_outgoing):
            return
        say("mended", words="its queue is kept over <resume/>")
        original = plugin._handle_outgoing
        self.del_filter("out_sync", original)

        def outgoing(stanza):
            queue = plugin.unacked_queue
            if isinstance(stanza, management.Resume):
                plugin.unacked_queue = collections.deque()
            result = original(stanza)
            plugin.unacked_queue = queue
            return result

        self.add_filter("out_sync", outgoing)

    @staticmethod
    def hear(stanza):
        if stanza.xml.tag == "{jabber:client}message" and stanza.xml.get("type") != "error":
            say("message")
        return stanza

    def dial(self):
        if "address" in inspect.signature(self.connect).parameters:  # slixmpp < 1.9
            self.connect(("127.0.0.1", self.order["port"]))
        else:
            self.connect("127.0.0.1", self.order["port"])

    def started(self, what):
        if self.handed:
            say("failed", words="a new session was made instead of a resumed one")
        self.missing.discard(what)
        if not self.missing:
            say("online")

    async def hand_over(self):
        for index in range(self.order["count"]):
            xml = ElementTree.fromstring(self.order["stanza"].replace("resume-1000000", f"resume-{1000000 + index}"))
            self.send(slixmpp.Message(self, xml=xml))
        await self.waiting_queue.join()
        self.handed = True
        say("handed", unacknowledged=len(self.management.unacked_queue))

    def lost(self, reason):
        say("offline", words=str(reason), retry=0)
        self.dial()

    async def resumed(self, _):
        say("resumed")
        # It asks for no acknowledgement of what it sends again. The bench does, once, behind all of it.
        await asyncio.sleep(0)
        await self.waiting_queue.join()
        self.management.request_ack()

    def acknowledged(self, _):
        if self.handed and not self.management.unacked_queue:
            say("acknowledged")


async def main():
    loop = asyncio.get_running_loop()
    order = json.loads(sys.stdin.readline())
    client = Client(order)
    client.dial()
    if await loop.run_in_executor(None, sys.stdin.readline) and "stanza" in order:
        await client.hand_over()
    await loop.run_in_executor(None, sys.stdin.read)
    client.abort()


if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        print(slixmpp.__version__)
    else:
        asyncio.run(main())
