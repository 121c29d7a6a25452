"""The steps against Libervia's gateway, in the namespaces that scripts/interop-libervia has made. See there."""

import argparse
import asyncio
import fcntl
import os
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import gateway_steps  # noqa: E402
import oxbow_steps  # noqa: E402
from rig import Rig  # noqa: E402
from root import Root  # noqa: E402
from stage import Stage, Trouble  # noqa: E402


def raise_loopback():
    """A new network namespace has a loopback that is down."""
    with socket.socket() as s:
        name = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(s, 0x8913, name))[1]  # SIOCGIFFLAGS
        fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", flags | 1))  # SIOCSIFFLAGS, IFF_UP


async def steps(stage, options):
    if options.steps in ("all", "gateway"):
        await gateway_steps.run(stage)
    if options.steps in ("all", "oxbow"):
        await oxbow_steps.run(stage, options.oxbow)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--oxbow")
    parser.add_argument("--steps", default="all")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--record")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "lo" not in os.listdir("/proc/sys/net/ipv4/conf") or len(socket.if_nameindex()) > 2:
        sys.exit("interop-libervia: run.py belongs into a network namespace of its own; use scripts/interop-libervia")
    raise_loopback()
    rig, start = Rig(Root(options.root)), time.monotonic()
    stage = Stage(rig, options.record)
    try:
        rig.start()
        print(f"interop-libervia: ready   {rig.root.versions()} ({time.monotonic() - start:.1f} s)", flush=True)
        asyncio.run(steps(stage, options))
    except Trouble as trouble:
        stage.failed.append("the rig")
        print(f"interop-libervia: FAILED  {trouble}", flush=True)
    finally:
        stage.end()
        rig.end(keep=options.keep or bool(stage.failed))
    if stage.failed or options.keep:
        print(f"interop-libervia: logs and mail are in {rig.state}")
    print(f"interop-libervia: {f'{len(stage.failed)} failed' if stage.failed else 'all is well'}")
    sys.exit(1 if stage.failed else 0)


if __name__ == "__main__":
    main()
