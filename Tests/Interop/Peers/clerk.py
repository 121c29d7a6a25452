#!/usr/bin/env python3
"""Speaks to Oxbow's control socket for thousands of messages without a process for each, and watches files that grow.

Orders are JSON lines on stdin, each with an `id` that its answer repeats; an answer with `error` failed.

    {"do": "push", "socket": PATH, "from": JID, "to": JID, "lane": NAME, "count": N, "words": TEXT, "stays": BOOL}
        queues texts for one recipient, one after the other, until N were accepted; each text is "LANE-NUMBER.ATTEMPT WORDS" and is tried
        once. Events: {"event": "accepted", "lane": …, "text": …, "message": id}; {"event": "unknown", …} when the line broke before an
        answer; {"event": "refused", …, "error": …}; {"event": "pushed", "lane": …} at the end. With `stays`, what is refused doesn't count
        against what is allowed: a daemon that begins may take nothing yet
    {"do": "allow", "count": N}       so many more texts may be tried, over all lanes; nothing is pushed before the first
    {"do": "request", "socket": PATH, "request": {…}}   → {"answer": {…}}   waits until the socket is there
    {"do": "watch", "path": FILE, "from": JID}   follows the server's log of stanzas (mod_stanza_log): {"event": "seen", "message": id, "to": …,
                                                 "at": seconds} for each encrypted message of a session of that account
    {"do": "follow", "path": FILE, "name": NAME}        {"event": "line", "name": …, "text": …} for each line, also of a file that is not yet there
"""

import asyncio
import html
import json
import re
import signal
import sys

# How often a file is looked at, and a socket that is not there is tried, in seconds.
PACE = 0.02


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Line:
    """A connection to the control socket that is made again when it breaks."""

    def __init__(self, path):
        self.path = path
        self.reader = self.writer = None

    async def connect(self):
        while self.writer is None:
            try:
                self.reader, self.writer = await asyncio.open_unix_connection(self.path, limit=64 << 20)
            except OSError:
                await asyncio.sleep(PACE)

    def drop(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def ask(self, request):
        """The answer, or None when the connection broke before it came."""
        await self.connect()
        try:
            self.writer.write((json.dumps({"version": 1, **request}) + "\n").encode())
            await self.writer.drain()
            line = await self.reader.readline()
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self.drop()
            return None
        return json.loads(line)


class Clerk:
    def __init__(self):
        self.credits = asyncio.Semaphore(0)
        self.tasks = set()

    async def push(self, order):
        line, lane = Line(order["socket"]), order["lane"]
        for number in range(order["count"]):
            attempt = 0
            while True:
                await line.connect()
                await self.credits.acquire()
                text = f"{lane}-{number}.{attempt} {order.get('words', '')}".strip()
                attempt += 1
                send = {"from": order["from"], "to": [order["to"]], "text": text, "timeout": 30, "queue": True}
                answer = await line.ask({"operation": "send", "send": send})
                if answer is None:
                    say(event="unknown", lane=lane, text=text)
                    continue
                outcome = ((answer.get("send") or {}).get("outcomes") or [{}])[0]
                if outcome.get("state") == "accepted":
                    say(event="accepted", lane=lane, text=text, message=outcome.get("id"))
                    break
                say(event="refused", lane=lane, text=text, error=answer.get("error") or outcome)
                if order.get("stays"):
                    self.credits.release()
                await asyncio.sleep(PACE * 5)
        line.drop()
        say(event="pushed", lane=lane)

    async def follow(self, path):
        """The lines of a file, complete ones only."""
        file = None
        rest = b""
        while True:
            if file is None:
                try:
                    file = open(path, "rb")
                except OSError:
                    await asyncio.sleep(PACE)
                    continue
            if data := file.read(1 << 20):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    yield line.decode("utf-8", "replace")
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(PACE)

    async def watch(self, order):
        async for text in self.follow(order["path"]):
            # Most lines are of no interest, and JSON costs.
            if '"in"' not in text or "urn:xmpp:openpgp:0" not in text:
                continue
            seen = json.loads(text)
            if seen["direction"] != "in" or not seen["session"].startswith(order["from"]) or not seen["xml"].startswith("<message"):
                continue
            tag = seen["xml"].split(">", 1)[0]

            def attribute(name):
                found = re.search(rf" {name}=(['\"])(.*?)\1", tag)
                return html.unescape(found[2]) if found else None

            say(event="seen", message=attribute("id"), to=attribute("to"), at=seen["at"])

    async def lines(self, order):
        async for text in self.follow(order["path"]):
            say(event="line", name=order["name"], text=text)

    async def request(self, order):
        while True:
            line = Line(order["socket"])
            answer = await line.ask(order["request"])
            line.drop()
            if answer is not None:
                return {"answer": answer}

    def begin(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return {"ok": True}

    async def obey(self, order):
        what = order["do"]
        if what == "push":
            return self.begin(self.push(order))
        if what == "watch":
            return self.begin(self.watch(order))
        if what == "follow":
            return self.begin(self.lines(order))
        if what == "allow":
            for _ in range(order["count"]):
                self.credits.release()
            return {"ok": True}
        if what == "request":
            return await self.request(order)
        return {"error": f"unknown order {what}"}

    async def answer(self, order):
        try:
            answer = await self.obey(order)
        except (KeyError, ValueError, OSError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        say(id=order.get("id"), **answer)

    async def serve(self):
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, asyncio.current_task().cancel)
        while line := await lines.readline():
            self.begin(self.answer(json.loads(line)))


if __name__ == "__main__":
    try:
        asyncio.run(Clerk().serve())
    except (asyncio.CancelledError, BrokenPipeError):
        pass
