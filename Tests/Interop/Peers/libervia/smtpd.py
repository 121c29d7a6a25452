"""The mail server of the rig, inside its root: takes mail from who has a password, puts it into Maildirs, and relays nothing.

    smtpd.py PORT USERS TLS-FOLDER MAIL-FOLDER

STARTTLS first, then AUTH, else nothing. A mail lies in MAIL-FOLDER/DOMAIN/NAME/Maildir of each recipient, and with its envelope in
MAIL-FOLDER/envelopes.jsonl. Addresses with strange characters are refused.
"""

import asyncio
import json
import mailbox
import os
import re
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

ADDRESS = re.compile(r"([a-z0-9_+=-]+(?:\.[a-z0-9_+=-]+)*)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")


class Mailboxes:
    """What becomes of a mail."""

    def __init__(self, folder):
        self.folder = folder

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not ADDRESS.fullmatch(address.lower()):
            return "553 5.1.3 no such address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 taken"

    async def handle_DATA(self, server, session, envelope):
        for recipient in envelope.rcpt_tos:
            name, domain = ADDRESS.fullmatch(recipient.lower()).groups()
            home = f"{self.folder}/{domain}/{name}"
            os.makedirs(home, exist_ok=True)
            head = f"Return-Path: <{envelope.mail_from}>\nDelivered-To: {recipient}\n".encode()
            mailbox.Maildir(f"{home}/Maildir").add(head + envelope.content.replace(b"\r\n", b"\n"))
        with open(f"{self.folder}/envelopes.jsonl", "a") as file:
            file.write(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "login": session.login_name}) + "\n")
        return "250 2.0.0 delivered"


async def main(port, users, tls, folder):
    with open(users) as file:
        passwords = dict(line.strip().split(":{PLAIN}") for line in file)

    def authenticate(server, session, envelope, mechanism, data):
        known = isinstance(data, LoginPassword) and passwords.get(data.login.decode()) == data.password.decode()
        session.login_name = data.login.decode() if known else None
        return AuthResult(success=known)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{tls}/server.crt", f"{tls}/server.key")
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Mailboxes(folder), hostname="localhost", tls_context=context, auth_required=True, authenticator=authenticate),
        "127.0.0.1", int(port),
    )
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
