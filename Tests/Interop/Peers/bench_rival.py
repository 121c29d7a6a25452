#!/usr/bin/env python3
"""prometheus-xmpp-alerts as it ships, but for where its server is: it has no setting for a port or an authority.

    bench_rival.py PORT CA CONFIG
"""

import sys
from pathlib import Path

from prometheus_xmpp import __main__ as rival


class App(rival.XmppApp):
    def connect(self):
        self.ca_certs = Path(sys.argv[2])
        # Its own wish to try TLS from the first byte would cost it a connection.
        self.enable_direct_tls = self.enable_plaintext = False
        return super().connect("127.0.0.1", int(sys.argv[1]))


rival.XmppApp = App
sys.argv[1:] = [*sys.argv[1:3], "--quiet", f"--config={sys.argv[3]}"]
port, authority, *rest = sys.argv[1:]
_parse = rival.parse_args
rival.parse_args = lambda: _parse(rest)
rival.main()
