#!/usr/bin/env python3
"""A mail server on loopback (aiosmtpd) that keeps nothing and tells of each mail that it takes.

    mail_server.py starttls|direct|none

Prints {"ready": true, "port": …, "ca": …}, then for each mail {"mail": {"from": …, "to": […], "user": …, "tls": …, "text": …}}. The user
`oxbow` has the password `open sesame`; nobody else gets in, and nobody in the clear. `{"do": "refuse", "on": true}` lets it refuse all mail.
Gone when stdin closes.
"""

import asyncio
import json
import logging
import shutil
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

import owned
from prosody import Certificates


class Taker:
    """What the server does with a mail."""

    refusing = False

    async def handle_DATA(self, server, session, envelope):
        if self.refusing:
            return "451 not now: hunter2"
        mail = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "user": session.auth_data, "tls": server.transport.get_extra_info("ssl_object") is not None,
            "text": envelope.content.decode(),
        }
        print(json.dumps({"mail": mail}), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"oxbow", b"open sesame")
    return AuthResult(success=good, handled=good, auth_data="oxbow" if good else None)


async def main():
    # It warns of what is meant here: a login over the listener's own TLS.
    warnings.simplefilter("ignore")
    logging.disable()
    way = sys.argv[1]
    folder = owned.folder("oxm")
    taker = Taker()
    try:
        certificates = Certificates(f"{folder}/c")
        certificates.make("mail", "localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/c/mail.pem", f"{folder}/c/mail.key")

        def protocol():
            # Direct TLS is the listener's; aiosmtpd must not ask for another.
            return SMTP(
                taker, hostname="localhost", tls_context=context if way == "starttls" else None, require_starttls=way == "starttls",
                authenticator=authenticate, auth_required=way != "none", auth_require_tls=way == "starttls", loop=loop,
            )

        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if way == "direct" else None)
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"ready": True, "port": port, "ca": f"{folder}/c/ca.pem"}), flush=True)
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            order = json.loads(line)
            if order["do"] == "refuse":
                taker.refusing = order["on"]
            print(json.dumps({"id": order.get("id"), "ok": True}), flush=True)
        server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
