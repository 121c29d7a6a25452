"""Mail as people's programs write it, and as programs that mean harm do; and what a received letter consists of.

Everything is written by hand or by Python's `email`: nothing of Oxbow's. The members of an order that describe a letter:

    text, html          the texts; default: an empty text
    subject, from, to_header   `from` and `to_header` default to the two ends' addresses; null leaves one out
    date                seconds from now, or null for none; message_id, in_reply_to, references
    headers             {name: value} of more headers (Reply-To, Auto-Submitted, List-Id, Precedence, Cc, …)
    raw_headers         true: what isn't ASCII stands in them as UTF-8, against the rules
    attachments         [{"name": …, "type": "application/pdf", "data": base64}]
    protected           "v1" (as Thunderbird: protected-headers="v1"), "hp" (RFC 9788: hp="cipher"), "bare" (headers without a mark, as
                        GRE's formatter has it), "none" (only the headers of MIME: what stands outside is not protected)
    depth, parts        that many multiparts inside one another; that many parts beside one another
    header_length       a header as long as that
    fill                that many bytes of text, all the same: small when compressed
    raw                 base64 of the whole document; nothing else is looked at then
"""

import base64
import email
import email.policy
import hashlib
import time
import uuid
from email.header import Header
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

CRLF = email.policy.SMTP.clone(cte_type="7bit", max_line_length=990)


def compose(letter, sender, recipient):
    """The document of a letter, lines ending in CRLF."""
    if "raw" in letter:
        return base64.b64decode(letter["raw"])
    if letter.get("depth") or letter.get("parts"):
        return _headers(letter, sender, recipient) + _maze(letter)
    message = EmailMessage(policy=CRLF)
    text = letter.get("text", "")
    if "fill" in letter:
        text += ("a" * 75 + "\n") * (letter["fill"] // 76)
    if "text" in letter or "fill" in letter or "html" not in letter:
        message.set_content(text, cte=letter.get("cte", "7bit" if text.isascii() else "base64"))
        if "html" in letter:
            message.add_alternative(letter["html"], subtype="html")
    else:
        message.set_content(letter["html"], subtype="html")
    for attachment in letter.get("attachments", []):
        main, _, sub = attachment.get("type", "application/octet-stream").partition("/")
        data = base64.b64decode(attachment["data"])
        message.add_attachment(data, maintype=main, subtype=sub, filename=attachment.get("name"))
    mode = letter.get("protected", "v1")
    if mode in ("v1", "hp"):
        message.set_param(*{"v1": ("protected-headers", "v1"), "hp": ("hp", "cipher")}[mode])
    return _headers(letter, sender, recipient) + message.as_bytes()


def _headers(letter, sender, recipient):
    """The headers of the letter itself, as they are given: a header that breaks rules is written all the same."""
    if letter.get("protected", "v1") == "none":
        return b""
    lines = {
        "From": letter.get("from", sender), "To": letter.get("to", recipient), "Subject": letter.get("subject"),
        "Message-ID": letter.get("message_id", f"<{uuid.uuid4()}@{parseaddr(sender)[1].rpartition('@')[2]}>"),
        "In-Reply-To": letter.get("in_reply_to"), "References": letter.get("references"),
    }
    if letter.get("date", 0) is not None:
        lines["Date"] = formatdate(time.time() + letter.get("date", 0))
    lines.update(letter.get("headers", {}))
    if "header_length" in letter:
        lines["X-Long"] = "a" * letter["header_length"]
    return b"".join(f"{name}: {_word(value, letter)}\r\n".encode() for name, value in lines.items() if value is not None)


def _word(value, letter):
    """A header's value with RFC 2047's encoding where it needs that."""
    return value if value.isascii() or letter.get("raw_headers") else Header(value, "utf-8", maxlinelen=900).encode()


def _maze(letter):
    """Multiparts inside one another, each with some parts beside the next."""
    depth, parts = letter.get("depth", 1), letter.get("parts", 1)
    leaf = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + letter.get("text", "deep") + "\r\n"
    beside = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a\r\n\r\na\r\n"
    opening, closing = [], []
    for level in range(depth):
        opening.append(f'Content-Type: multipart/mixed; boundary="b{level}"\r\nMIME-Version: 1.0\r\n\r\n--b{level}\r\n')
        more = parts - 1 if level == depth - 1 else 0
        closing.append("".join(f"--b{level}\r\n{beside}" for _ in range(more)) + f"--b{level}--\r\n")
    return ("".join(opening) + leaf + "".join(reversed(closing))).encode()


def signed(document, signature, digest="sha512"):
    """RFC 3156 § 5: a part and its detached signature."""
    boundary = uuid.uuid4().hex
    return (
        f'Content-Type: multipart/signed; micalg="pgp-{digest}"; protocol="application/pgp-signature";\r\n boundary="{boundary}"\r\n'
        f"MIME-Version: 1.0\r\n\r\n--{boundary}\r\n"
    ).encode() + document + (
        f'\r\n--{boundary}\r\nContent-Type: application/pgp-signature; name="signature.asc"\r\n\r\n'
    ).encode() + signature.replace(b"\n", b"\r\n") + f"\r\n--{boundary}--\r\n".encode()


def encrypted(armor, sender, recipient, message_id=None, in_reply_to=None):
    """RFC 3156 § 4: the mail that a gateway makes of what a bot sends. Nothing in its headers is from inside."""
    boundary = uuid.uuid4().hex
    thread = f"In-Reply-To: {in_reply_to}\r\nReferences: {in_reply_to}\r\n" if in_reply_to else ""
    return (
        f"From: {sender}\r\nTo: {recipient}\r\nSubject: ...\r\nDate: {formatdate()}\r\n"
        f"Message-ID: {message_id or f'<{uuid.uuid4()}@gateway.invalid>'}\r\n{thread}"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        f'--{boundary}\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
    ).encode() + armor.replace(b"\n", b"\r\n") + f"\r\n--{boundary}--\r\n".encode()


def _crc24(value):
    value <<= 16
    for _ in range(8):
        value = value << 1 ^ (0x1864CFB if value & 0x800000 else 0)
    return value


_CRC24 = [_crc24(value) for value in range(256)]


def armored(binary):
    """An OpenPGP message in ASCII armor, with the CRC24 that old programs want."""
    crc = 0xB704CE
    for byte in binary:
        crc = (crc << 8 & 0xFFFFFF) ^ _CRC24[crc >> 16 ^ byte]
    text = base64.b64encode(binary).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    tail = "=" + base64.b64encode(crc.to_bytes(3, "big")).decode()
    return "\n".join(["-----BEGIN PGP MESSAGE-----", "", *lines, tail, "-----END PGP MESSAGE-----", ""]).encode()


def describe(document):
    """What a letter consists of, for a test to look at."""
    message = email.message_from_bytes(document, policy=email.policy.default)
    parts = [p for p in message.walk() if not p.is_multipart()]
    files = [p for p in parts if p.get_content_disposition() == "attachment" or p.get_filename()]
    texts = [p for p in parts if p.get_content_type() == "text/plain" and p not in files]
    return {
        "type": message.get_content_type(),
        "parameters": {k: v for k, v in message.get_params([])[1:] if k != "boundary"},
        "headers": [[name, str(value)] for name, value in message.items()],
        "structure": _structure(message),
        "text": "".join(p.get_content() for p in texts).replace("\r\n", "\n"),
        "attachments": [_file(p) for p in files],
        "defects": [repr(d) for p in message.walk() for d in p.defects],
    }


def _structure(part):
    inside = [_structure(p) for p in part.iter_parts()] if part.is_multipart() else []
    return part.get_content_type() + (f"({', '.join(inside)})" if inside else "")


def _file(part):
    data = part.get_payload(decode=True) or b""
    return {
        "name": part.get_filename(), "type": part.get_content_type(), "disposition": part.get_content_disposition(), "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), "data": base64.b64encode(data).decode() if len(data) <= 65536 else None,
    }
