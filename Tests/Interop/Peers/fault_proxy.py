#!/usr/bin/env python3
"""A TCP proxy on loopback whose lines go wrong in the ways that lines do. It sees bytes only: what runs through it is TLS.

Orders are JSON lines on stdin, each with an `id` that its answer repeats; an answer with `error` failed. "up" is towards the target.

    {"do": "listen", "target": PORT}                     → {"port": …}
    {"do": "set", "port": …, "up": MODE, "down": MODE}   for all lines of that port, now and later; what is left out stays as it is
    {"do": "cut", "port": …, "how": "reset"|"close"}     ends all lines → {"lines": how many there were}
    {"do": "cut-after", "port": …, "direction": "up"|"down", "bytes": N, "how": …}   ends the line over which so many more bytes go that way;
                                                         the N bytes arrive. 0 revokes the order
    {"do": "refuse", "port": …, "on": true}              resets new lines
    {"do": "numbers", "port": …}                         → {"lines": open now, "opened": ever, "up": bytes, "down": bytes}

MODE is one of
    flow       bytes go through
    dribble    they go through one at a time
    stall      nothing is read: they wait, here and in the sender's buffers
    drop       they vanish, and so does the end of a line: the other side keeps waiting (a machine that lost its power, a NAT that forgot)
    or a number: each piece is that many milliseconds late

Events: {"event": "opened", "port": …}, {"event": "cut", "port": …, "up": bytes of that line, "down": …} for each line that cut-after has
ended, {"event": "held", "port": …, "direction": …} when a line has bytes that `stall` holds or `drop` swallows, once for each `set`.
"""

import asyncio
import json
import signal
import socket
import struct
import sys


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Line:
    """One connection and the one behind it."""

    def __init__(self, port, client, server):
        self.port = port
        self.sockets = {"up": (client, server), "down": (server, client)}
        self.bytes = {"up": 0, "down": 0}
        self.tasks = []

    def run(self):
        port = self.port
        self.tasks = [asyncio.ensure_future(self.pump(way)) for way in ("up", "down")]
        port.lines.add(self)
        say(event="opened", port=port.number)

    async def pump(self, way):
        loop, port = asyncio.get_running_loop(), self.port
        source, sink = self.sockets[way]
        try:
            while True:
                while port.modes[way] == "stall":
                    await self.readable(source)
                    port.hold(way)
                    await port.changed(way)
                # One read at a time may be under way when the mode changes; what it brings is treated by the new mode.
                data = await loop.sock_recv(source, 65536)
                while port.modes[way] == "stall":
                    port.hold(way)
                    await port.changed(way)
                if port.modes[way] == "drop":
                    port.hold(way)
                    if not data:  # The end vanishes too, until the line is cut or the mode changes.
                        await port.changed(way)
                    continue
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                await self.relay(way, sink, data)
        except OSError:
            # The other side hears of it, unless its end vanishes as well.
            while port.modes[way] == "drop":
                await port.changed(way)
            self.end("reset")

    @staticmethod
    async def readable(source):
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(source, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(source)

    async def relay(self, way, sink, data):
        loop, port = asyncio.get_running_loop(), self.port
        mode = port.modes[way]
        if isinstance(mode, (int, float)):
            await asyncio.sleep(mode / 1000)
        order = port.cuts.get(way)
        is_last = order is not None and len(data) >= order["bytes"]
        if is_last:
            data = data[: order["bytes"]]
            del port.cuts[way]
        elif order is not None:
            order["bytes"] -= len(data)
        for piece in [data] if mode != "dribble" else (data[i : i + 1] for i in range(len(data))):
            await loop.sock_sendall(sink, piece)
            if mode == "dribble":
                await asyncio.sleep(0)
        self.bytes[way] += len(data)
        port.bytes[way] += len(data)
        if is_last:
            say(event="cut", port=port.number, **self.bytes)
            self.end(order["how"])

    def end(self, how):
        self.port.lines.discard(self)
        current = asyncio.current_task()
        for task in self.tasks:
            if task is not current:
                task.cancel()
        for one in self.sockets["up"]:
            try:
                if how == "reset":
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


class Port:
    """A port that people connect to instead of the target."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.number = self.listener.getsockname()[1]
        self.lines = set()
        self.opened = 0
        self.bytes = {"up": 0, "down": 0}
        self.modes = {"up": "flow", "down": "flow"}
        self.changes = {"up": asyncio.Event(), "down": asyncio.Event()}
        self.held = set()
        self.cuts = {}
        self.refusing = False
        self.task = asyncio.ensure_future(self.accept())

    async def accept(self):
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self.listener)
            server = socket.socket()
            try:
                if self.refusing:
                    raise OSError
                server.setblocking(False)
                await loop.sock_connect(server, ("127.0.0.1", self.target))
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                server.close()
                continue
            for one in (client, server):
                one.setblocking(False)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
            Line(self, client, server).run()

    def set(self, way, mode):
        if mode not in ("flow", "dribble", "stall", "drop") and not isinstance(mode, (int, float)):
            raise ValueError(f"unknown mode {mode}")
        self.modes[way] = mode
        self.held.discard(way)
        self.changes[way].set()
        self.changes[way] = asyncio.Event()

    async def changed(self, way):
        await self.changes[way].wait()

    def hold(self, way):
        if way not in self.held:
            self.held.add(way)
            say(event="held", port=self.number, direction=way)


class Proxy:
    """The ports and the orders."""

    def __init__(self):
        self.ports = {}

    def obey(self, order):
        what = order["do"]
        if what == "listen":
            port = Port(order["target"])
            self.ports[port.number] = port
            return {"port": port.number}
        port = self.ports[order["port"]]
        if what == "set":
            for way in ("up", "down"):
                if order.get(way) is not None:
                    port.set(way, order[way])
        elif what == "cut":
            lines = list(port.lines)
            for line in lines:
                line.end(order.get("how", "reset"))
            return {"lines": len(lines)}
        elif what == "cut-after":
            port.cuts.pop(order["direction"], None)
            if order["bytes"] > 0:
                port.cuts[order["direction"]] = {"bytes": order["bytes"], "how": order.get("how", "reset")}
        elif what == "refuse":
            port.refusing = bool(order["on"])
        elif what == "numbers":
            return {"lines": len(port.lines), "opened": port.opened, **port.bytes}
        else:
            return {"error": f"unknown order {what}"}
        return {"ok": True}

    async def serve(self):
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, asyncio.current_task().cancel)
        while line := await lines.readline():
            order = {}
            try:
                order = json.loads(line)
                answer = self.obey(order)
            except (KeyError, ValueError, OSError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            say(id=order.get("id"), **answer)


if __name__ == "__main__":
    try:
        asyncio.run(Proxy().serve())
    except (asyncio.CancelledError, BrokenPipeError):
        pass
