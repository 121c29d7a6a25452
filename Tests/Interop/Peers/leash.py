#!/usr/bin/env python3
"""Runs one command that can't outlive its owner, and speaks JSON lines about it.

stdin, first line:  {"command": [...], "env": {...}, "cwd": "...", "unprivileged": true, "input": "..."}
stdin, later:       {"signal": "TERM"} | {"input": "text"} | {"close": true}
stdout:             {"started": PID} | {"out": "line"} | {"err": "line"} | {"exit": CODE} (negative: the signal)

End of stdin (the owner is gone, or has had enough) kills the command's whole process group.
"""

import json
import os
import signal
import subprocess
import sys
import threading

import owned

lock = threading.Lock()


def say(**event):
    with lock:
        try:
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            pass


def relay(stream, name):
    for line in stream:
        say(**{name: line.decode("utf-8", "replace").rstrip("\n")})


def obey(process):
    """Follows the owner's orders; ends when the owner closes the pipe, and the command with it."""
    for line in sys.stdin:
        try:
            order = json.loads(line)
            if "signal" in order:
                os.kill(process.pid, getattr(signal, "SIG" + order["signal"]))
            if "input" in order:
                process.stdin.write(order["input"].encode())
                process.stdin.flush()
            if order.get("close"):
                process.stdin.close()
        except (ProcessLookupError, BrokenPipeError, ValueError):
            pass
    owned.kill_group(process)


def main():
    order = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ", "TERM")}
    environment.update(order.get("env", {}))
    user = owned.unprivileged() if order.get("unprivileged") else None
    try:
        process = owned.spawn(
            order["command"], user=user, env=environment, cwd=order.get("cwd"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
    except OSError as error:
        say(err=str(error))
        say(exit=127)
        return
    signal.signal(signal.SIGTERM, lambda *_: owned.kill_group(process))
    say(started=process.pid)
    if "input" in order:
        try:
            process.stdin.write(order["input"].encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
    threads = [
        threading.Thread(target=relay, args=(process.stdout, "out"), daemon=True),
        threading.Thread(target=relay, args=(process.stderr, "err"), daemon=True),
    ]
    for thread in threads:
        thread.start()
    threading.Thread(target=obey, args=(process,), daemon=True).start()
    code = process.wait()
    for thread in threads:  # What grandchildren still hold open is of no interest.
        thread.join(2)
    owned.kill_group(process)
    say(exit=code)


main()
