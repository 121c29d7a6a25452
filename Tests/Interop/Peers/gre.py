"""The names and the wire of Gateway Relayed Encryption, and of what a gateway answers besides (XEP-0030, -0077, -0100, -0106, -0373).

Builds and reads XML only; gateway.py has the stream and decides what to say.
"""

import base64
import re
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

GRE = "urn:xmpp:gre:0"
MIME = "urn:xmpp:gre:formatter:mime:0"
OPENPGP = "urn:xmpp:gre:encrypter:openpgp:0"
ENCRYPTED_ONLY = "urn:xmpp:gre:encrypted_only:0"
FORM = "jabber:x:data"
REGISTER = "jabber:iq:register"
INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
PUBSUB = "http://jabber.org/protocol/pubsub"
KEYS = "urn:xmpp:openpgp:0:public-keys"
OX = "urn:xmpp:openpgp:0"
RECEIPTS = "urn:xmpp:receipts"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"

for _prefix, _namespace in (("gre", GRE), ("x", FORM), ("pubsub", PUBSUB)):
    ElementTree.register_namespace(_prefix, _namespace)
ElementTree.register_namespace("", "jabber:client")

_ESCAPED = {c: f"\\{ord(c):02x}" for c in " \"&'/:<>@"}
_BREAKS = {"\r": "&#13;", "\n": "&#10;"}  # Line breaks in a value arrive as they are.
_CODES = "20|22|26|27|2f|3a|3c|3e|40|5c"


def escape_localpart(address):
    """XEP-0106."""
    text = re.sub(rf"\\(?={_CODES})", r"\\5c", address)
    return "".join(_ESCAPED.get(c, c) for c in text)


def unescape_localpart(localpart):
    """XEP-0106, back."""
    return re.sub(rf"\\({_CODES})", lambda m: chr(int(m[1], 16)), localpart)


def split(jid):
    """(localpart or None, domain, resource or None)"""
    bare, _, resource = jid.partition("/")
    local, _, domain = bare.rpartition("@")
    return local or None, domain, resource or None


def bare(jid):
    return jid.partition("/")[0]


def xml(element):
    """An element as text, in the namespace of clients."""
    return ElementTree.tostring(element, encoding="unicode")


def normalize(element):
    """Puts what came over a component's stream into the namespace of clients."""
    for each in element.iter():
        if isinstance(each.tag, str):
            each.tag = each.tag.replace("{jabber:component:accept}", "{jabber:client}")
    return element


def error(failure):
    """`failure`: {"type": …, "condition": …, "text": …, "extra": XML}, all but the condition optional."""
    text = failure.get("text")
    inner = f"<{failure['condition']} xmlns='{STANZAS}'/>"
    inner += f"<text xmlns='{STANZAS}'>{escape(text)}</text>" if text else ""
    return f"<error type='{failure.get('type', 'cancel')}'>{inner}{failure.get('extra', '')}</error>"


def info(identities, features, node=None):
    inner = "".join(f"<identity category={quoteattr(c)} type={quoteattr(t)} name={quoteattr(n)}/>" for c, t, n in identities)
    inner += "".join(f"<feature var={quoteattr(f)}/>" for f in features)
    return f"<query xmlns='{INFO}'{_node(node)}>{inner}</query>"


def items(entries, node=None):
    inner = "".join(f"<item jid={quoteattr(jid)} name={quoteattr(name)}/>" for jid, name in entries)
    return f"<query xmlns='{ITEMS}'{_node(node)}>{inner}</query>"


def _node(node):
    return f" node={quoteattr(node)}" if node else ""


def data_form(sender_id, fields=None, form_type="urn:xmpp:gre:data", kind="result"):
    """The answer to a data IQ. A `sender_id` or a FORM_TYPE of None is left out; `fields`: {Clark name: value or list}."""
    inner = f"<field var='FORM_TYPE' type='hidden'><value>{escape(form_type)}</value></field>" if form_type else ""
    for name, value in {**({"sender_id": sender_id} if sender_id is not None else {}), **(fields or {})}.items():
        values = value if isinstance(value, list) else [value]
        inner += f"<field var={quoteattr(name)}>{''.join(f'<value>{escape(v, _BREAKS)}</value>' for v in values)}</field>"
    return f"<data xmlns='{GRE}'><x xmlns='{FORM}' type={quoteattr(kind)}>{inner}</x></data>"


def register_form(fields, values=None, registered=False):
    """`fields`: {name: {"type": …, "label": …, "required": …, "value": …}}."""
    inner = f"<field var='FORM_TYPE' type='hidden'><value>{REGISTER}</value></field>"
    for name, field in fields.items():
        value = (values or {}).get(name, field.get("value"))
        inner += f"<field var={quoteattr(name)} type={quoteattr(field.get('type', 'text-single'))} label={quoteattr(field.get('label', name))}>"
        inner += f"<value>{escape(value)}</value>" if value is not None else ""
        inner += ("<required/>" if field.get("required", True) else "") + "</field>"
    form = f"<x xmlns='{FORM}' type='form'><title>Mailbox</title><instructions>Where is your mail?</instructions>{inner}</x>"
    return f"<query xmlns='{REGISTER}'>{'<registered/>' if registered else ''}<instructions>Use a client with forms.</instructions>{form}</query>"


def submitted(query):
    """The fields of a submitted form, or None when there is none."""
    form = query.find(f"{{{FORM}}}x")
    if form is None or form.get("type") != "submit":
        return None
    return {f.get("var"): f.findtext(f"{{{FORM}}}value", "") for f in form.findall(f"{{{FORM}}}field")}


def key_list(keys):
    """`keys`: {fingerprint: date}; the payload of the list's item."""
    inner = "".join(f"<pubkey-metadata v4-fingerprint='{f}' date={quoteattr(d)}/>" for f, d in keys.items())
    return f"<public-keys-list xmlns='{OX}'>{inner}</public-keys-list>"


def key_item(material):
    return f"<pubkey xmlns='{OX}'><data>{base64.b64encode(material).decode()}</data></pubkey>"


def node_items(node, entries):
    """`entries`: {item id: payload}."""
    inner = "".join(f"<item id={quoteattr(i)}>{payload}</item>" for i, payload in entries.items())
    return f"<pubsub xmlns='{PUBSUB}'><items node={quoteattr(node)}>{inner}</items></pubsub>"


def node_event(node, entries):
    inner = "".join(f"<item id={quoteattr(i)}>{payload}</item>" for i, payload in entries.items())
    return f"<event xmlns='{PUBSUB}#event'><items node={quoteattr(node)}>{inner}</items></event>"


def encrypted(payload, formatter=MIME, encrypter=OPENPGP):
    """`<encrypted/>`; an attribute of None is left out."""
    attributes = f" formatter={quoteattr(formatter)}" if formatter is not None else ""
    attributes += f" encrypter={quoteattr(encrypter)}" if encrypter is not None else ""
    return f"<encrypted xmlns='{GRE}'{attributes}>{payload}</encrypted>"
