#!/usr/bin/env python3
"""An HTTP client that also says what no client should: whole requests, raw bytes, slow ones, and many at once.

Orders are JSON lines on stdin, each with an `id`; answers repeat it, and one with `error` failed:

    {"do": "ports", "count": 2}                          → {"ports": […]}   free ones of 127.0.0.1
    {"do": "request", "port": …, "method": …, "path": …, "headers": [[name, value], …], "body": text, "repeat": 1}
                                                         → {"status": …, "headers": {name: value}, "body": text}
        `unix` instead of `port` is a socket's path; `repeat` writes the body so many times over; `type` is the content type
    {"do": "raw", "port": …, "bytes": base64, "wait": 5, "half": false}   → {"said": text, "closed": bool}
        writes bytes as they are, then reads one answer, or until the other side closes or nothing comes for `wait` seconds; `half` closes our direction
    {"do": "loris", "port": …, "count": …, "head": text, "drip": text, "every": 0.5}
        opens connections, writes the head, then one byte of the drip now and then; each one's end is an event
                                                         → {"opened": …};  {"event": "dropped", "after": seconds, "said": text}
    {"do": "flood", "port": …, "path": …, "headers": …, "type": …, "body": text with NUMBER in it, "count": …, "parallel": …, "prefix": …}
                                                         → {"accepted": [text, …], "unknown": [text, …], "codes": {"200": …}, "p99": …}
        each request has another body: NUMBER becomes the prefix and a number; accepted are those that were answered with 2xx. An event `flooded`
        tells each tenth answer.

End of stdin ends everything.
"""

import base64
import collections
import http.client
import itertools
import json
import os
import socket
import sys
import threading
import time

import owned

lock = threading.Lock()


def say(**event):
    with lock:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def connection(order, timeout=60):
    if order.get("unix"):
        return UnixConnection(order["unix"], timeout)
    return http.client.HTTPConnection("127.0.0.1", order["port"], timeout=timeout)


def headers(order):
    pairs = collections.OrderedDict((name, value) for name, value in order.get("headers", []))
    if order.get("type"):
        pairs["Content-Type"] = order["type"]
    return pairs


def request(order):
    client = connection(order)
    body = order["body"].encode() * order.get("repeat", 1) if order.get("body") is not None else None
    try:
        client.request(order.get("method", "POST"), order["path"], body, headers(order))
    except (BrokenPipeError, ConnectionResetError):
        pass  # It may have answered before it has read all.
    try:
        answer = client.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return {"status": answer.status, "headers": {name.lower(): value for name, value in answer.getheaders()}, "body": text}
    finally:
        client.close()


def whole(said):
    """Whether a first answer is complete."""
    head, end, body = said.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(end) and len(body) >= int(line.split(b":")[1])
    return False


def raw(order):
    line = socket.create_connection(("127.0.0.1", order["port"]), 10)
    line.settimeout(order.get("wait", 5))
    said, closed = b"", False
    try:
        line.sendall(base64.b64decode(order["bytes"]))
        if order.get("half"):
            line.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    try:
        while len(said) < 1 << 20:
            chunk = line.recv(65536)
            if not chunk:
                closed = True
                break
            said += chunk
            if whole(said):
                break
    except TimeoutError:
        pass
    except OSError:
        closed = True
    line.close()
    return {"said": said.decode("utf-8", "replace"), "closed": closed}


def drip(order):
    start = time.monotonic()
    line = socket.create_connection(("127.0.0.1", order["port"]), 10)
    line.sendall(order["head"].encode())

    def go_on():
        said = b""
        line.settimeout(order.get("every", 0.5))
        for byte in itertools.cycle(order["drip"].encode()):
            try:
                chunk = line.recv(65536)
                said += chunk
                if not chunk:
                    break
            except TimeoutError:
                pass
            except OSError:
                break
            try:
                line.sendall(bytes([byte]))
            except OSError:
                break
        line.close()
        say(event="dropped", after=time.monotonic() - start, said=said.decode("utf-8", "replace"))

    threading.Thread(target=go_on, daemon=True).start()


def loris(order):
    for _ in range(order["count"]):
        drip(order)
    return {"opened": order["count"]}


def flood(order):
    numbers = iter(range(order["count"]))
    results = []  # (text, status or None, seconds)

    def worker():
        client = connection(order)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            text = f"{order.get('prefix', '')}{number}"
            body = order["body"].replace("NUMBER", text).encode()
            begun = time.monotonic()
            try:
                client.request("POST", order["path"], body, headers(order))
                answer = client.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                status = None
                client.close()
                time.sleep(0.02)
            results.append((text, status, time.monotonic() - begun))
            if len(results) % 10 == 0:
                say(event="flooded", count=len(results))
        client.close()

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(order.get("parallel", 4))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = collections.Counter(str(status) for _, status, _ in results)
    times = sorted(seconds for _, _, seconds in results)
    return {
        "accepted": [text for text, status, _ in results if status is not None and 200 <= status < 300],
        "unknown": [text for text, status, _ in results if status is None],
        "codes": codes, "p99": times[int(len(times) * 0.99)] if times else 0,
    }


def obey(order):
    orders = {"request": request, "raw": raw, "loris": loris, "flood": flood}
    try:
        if order["do"] == "ports":
            answer = {"ports": owned.free_ports(order["count"])}
        else:
            answer = orders[order["do"]](order)
    except Exception as error:  # Whatever it is, the test must hear of it.
        answer = {"error": f"{type(error).__name__}: {error}"}
    say(id=order["id"], **answer)


def main():
    try:
        for line in sys.stdin:
            threading.Thread(target=obey, args=(json.loads(line),), daemon=True).start()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    os._exit(0)  # Threads that still drip are of no interest.


if __name__ == "__main__":
    main()
