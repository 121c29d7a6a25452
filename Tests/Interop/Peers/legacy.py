"""Somebody with a mail address and GnuPG, who knows nothing of XMPP: plain gpg, in a home of their own."""

import asyncio
import base64
import email
import email.policy
import os
import re
import shutil
import subprocess
import time

import letters
import owned


class LegacyUser:
    """One mailbox with its key."""

    def __init__(self, address, name=None):
        self.address = address
        self.name = name
        self.dir = owned.folder("oxl")
        self.home = f"{self.dir}/g"
        os.mkdir(self.home, 0o700)
        self.fingerprint = None

    async def gpg(self, *arguments, data=b""):
        """Runs gpg: (code, output, what it said, status lines included)."""
        process = await asyncio.create_subprocess_exec(
            "gpg", "--homedir", self.home, "--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback", "--passphrase", "",
            "--trust-model", "always", "--status-fd", "2", *arguments,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir,
        )
        out, err = await process.communicate(data)
        return process.returncode, out, err.decode("utf-8", "replace")

    async def done(self, *arguments, data=b""):
        """The same, where failure is an error."""
        code, out, err = await self.gpg(*arguments, data=data)
        if code:
            raise RuntimeError(f"gpg {' '.join(arguments)}: {err}")
        return out, err

    async def make_key(self, user_ids=None, layout="common", age=86400):
        """Makes a key with a mailbox as User ID, a day old, so that there can be older signatures; returns the fingerprint."""
        first, *more = user_ids or [f"{self.name} <{self.address}>" if self.name else f"<{self.address}>"]
        then = at(-age)
        usage = {"common": ["ed25519", "cert,sign"], "separate": ["ed25519", "cert"], "rsa": ["rsa2048", "cert,sign,encr"]}[layout]
        _, err = await self.done(*then, "--allow-freeform-uid", "--quick-generate-key", first, *usage, "0")
        key = re.search(r"KEY_CREATED . ([0-9A-F]{40})", err)[1]
        if layout == "separate":
            await self.done(*then, "--quick-add-key", key, "ed25519", "sign", "0")
        if layout != "rsa":
            await self.done(*then, "--quick-add-key", key, "cv25519", "encr", "0")
        for user_id in more:
            await self.done(*then, "--allow-freeform-uid", "--quick-add-uid", key, user_id)
        self.fingerprint = self.fingerprint or key
        return key

    async def export(self, key=None):
        return (await self.done("--export-options", "export-minimal", "--export", key or self.fingerprint))[0]

    async def learn(self, material):
        """Imports keys and returns their fingerprints."""
        _, err = await self.done("--import", data=material)
        return re.findall(r"IMPORT_OK \d+ ([0-9A-F]{40})", err)

    async def seal(self, document, order):
        """Signs and encrypts a document.

        `form`: "combined" (RFC 3156 § 6.2, in one go), "encapsulated" (§ 6.1: multipart/signed inside), "unsigned", or "unencrypted" (signed
        only). `recipients`, `signers`: fingerprints. `signed_at`: seconds from now. `compress`: gpg's algorithm, "none" by default.
        """
        form, signers = order.get("form", "combined"), order.get("signers", [self.fingerprint])
        who = [x for key in signers for x in ("--local-user", key)]
        whom = [x for key in order.get("recipients", []) for x in ("--recipient", key)]
        when = at(order["signed_at"]) if "signed_at" in order else []
        options = [*when, "--digest-algo", "SHA512", "--compress-algo", order.get("compress", "none")]
        if form == "encapsulated":
            signature, _ = await self.done(*options, *who, "--armor", "--detach-sign", data=document)
            document = letters.signed(document, signature)
        if form == "unencrypted":
            return (await self.done(*options, *who, "--sign", data=document))[0]
        sign = [*who, "--sign"] if form == "combined" else []
        return (await self.done(*options, *sign, *whom, "--encrypt", data=document))[0]

    async def open(self, binary):
        """Decrypts and verifies an OpenPGP message, and describes the letter in it."""
        code, document, err = await self.gpg("--decrypt", data=binary)
        report = {
            "code": code, "status": [line[9:] for line in err.splitlines() if line.startswith("[GNUPG:] ")],
            "decrypted": "[GNUPG:] DECRYPTION_OKAY" in err, "signer": signer(err),
            "recipients": re.findall(r"\[GNUPG:\] ENC_TO ([0-9A-F]{16})", err),
            "document": base64.b64encode(document).decode() if len(document) <= 65536 else None,
        }
        if not report["decrypted"]:
            return report
        inner = email.message_from_bytes(document, policy=email.policy.default)
        if report["signer"] is None and inner.get_content_type() == "multipart/signed":
            report["signer"] = await self.verify(document, inner)
        return {**report, "letter": letters.describe(document)}

    async def verify(self, document, message):
        """RFC 3156 § 5: the signature over the first part, exactly as it stands."""
        mark = b"--" + message.get_boundary().encode()
        document = document.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        pieces = re.split(rb"(?:^|\r\n)" + re.escape(mark) + rb"(?:--)?\r\n", document)
        part, signature = pieces[1], list(message.iter_parts())[1].get_payload(decode=True)
        path = f"{self.dir}/signature"
        with open(path, "wb") as file:
            file.write(signature)
        _, _, err = await self.gpg("--verify", path, "-", data=part)
        return signer(err)

    def remove(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


def signer(err):
    """The primary fingerprint of the one good signature in gpg's status lines."""
    found = re.findall(r"\[GNUPG:\] VALIDSIG .* ([0-9A-F]{40})$", err, re.M)
    return found[0] if len(found) == 1 and "[GNUPG:] GOODSIG" in err else None


def at(seconds):
    """Options that make gpg work as if at another time, frozen."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + seconds))
    return ["--faked-system-time", stamp + "!", "--ignore-time-conflict", "--ignore-valid-from"]
