"""Child processes that can't outlive us, whatever happens: shared by the other scripts in this folder.

A child gets a session of its own (so that its whole group can be killed), dies with us through PR_SET_PDEATHSIG, and runs as
`nobody` when root starts us.
"""

import ctypes
import os
import random
import signal
import socket
import subprocess
import tempfile

NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def unprivileged():
    """The uid that peers run under: `nobody` for root, otherwise None (no change)."""
    return NOBODY if os.geteuid() == 0 else None


def spawn(command, user=None, **options):
    """subprocess.Popen with the properties above. Call it from the main thread only: PDEATHSIG follows the thread."""
    parent = os.getpid()

    def prepare():
        os.setsid()
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(127)

    return subprocess.Popen(command, preexec_fn=prepare, **options)


def kill_group(process, number=signal.SIGKILL):
    """Signals the child's process group; quiet when it is gone."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def stop(process, seconds=5):
    """TERM, then KILL for the whole group; reaps the child."""
    if process.poll() is None:
        kill_group(process, signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    kill_group(process)
    process.wait()


def folder(prefix, user=None):
    """A new temporary folder (short path: GnuPG's sockets live in such), owned by `user`, mode 0700."""
    path = tempfile.mkdtemp(prefix=prefix, dir=os.environ.get("OXBOW_TEST_TMP", "/tmp"))
    if user is not None:
        os.chown(path, user, user)
    return path


def free_ports(count):
    """TCP ports of 127.0.0.1 that are free now, below those that the kernel gives to connections: nobody gets them by chance."""
    sockets = []
    while len(sockets) < count:
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", random.randrange(10240, 32000)))
        except OSError:
            s.close()
            continue
        sockets.append(s)
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
