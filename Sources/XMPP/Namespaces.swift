/// The namespaces that the field's documents define, by their usual names.
public enum Namespace {
    /// Stanzas between a client and its server (RFC 6120 § 4.8.2).
    public static let client = "jabber:client"
    /// Stanzas between servers (RFC 6120 § 4.8.2).
    public static let server = "jabber:server"
    /// The stream element, its features and errors (RFC 6120 § 4.8.1).
    public static let streams = "http://etherx.jabber.org/streams"
    /// Conditions of stream errors (RFC 6120 § 4.9.2).
    public static let streamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
    /// Conditions of stanza errors (RFC 6120 § 8.3.2).
    public static let stanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas"
    /// STARTTLS (RFC 6120 § 5).
    public static let tls = "urn:ietf:params:xml:ns:xmpp-tls"
    /// Login (RFC 6120 § 6).
    public static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
    /// Resource binding (RFC 6120 § 7).
    public static let bind = "urn:ietf:params:xml:ns:xmpp-bind"
    /// The contact list (RFC 6121 § 2).
    public static let roster = "jabber:iq:roster"
    /// What an entity is and can do (XEP-0030).
    public static let discoInfo = "http://jabber.org/protocol/disco#info"
    /// What is found at an entity (XEP-0030).
    public static let discoItems = "http://jabber.org/protocol/disco#items"
    /// Capabilities in presence (XEP-0115).
    public static let caps = "http://jabber.org/protocol/caps"
    /// Data forms (XEP-0004).
    public static let dataForms = "jabber:x:data"
    /// Publish-subscribe requests (XEP-0060).
    public static let pubsub = "http://jabber.org/protocol/pubsub"
    /// Publish-subscribe notifications (XEP-0060).
    public static let pubsubEvent = "http://jabber.org/protocol/pubsub#event"
    /// What a node's owner asks for (XEP-0060 § 8).
    public static let pubsubOwner = "http://jabber.org/protocol/pubsub#owner"
    /// Publish-subscribe's own error conditions (XEP-0060).
    public static let pubsubErrors = "http://jabber.org/protocol/pubsub#errors"
    /// The form type of preconditions of a publication (XEP-0060 § 7.1.5).
    public static let publishOptions = "http://jabber.org/protocol/pubsub#publish-options"
    /// The form type of a node's configuration (XEP-0060 § 16.4.4).
    public static let nodeConfiguration = "http://jabber.org/protocol/pubsub#node_config"
    /// Chat states (XEP-0085).
    public static let chatStates = "http://jabber.org/protocol/chatstates"
    /// Name and version of the software (XEP-0092).
    public static let version = "jabber:iq:version"
    /// Delivery receipts (XEP-0184).
    public static let receipts = "urn:xmpp:receipts"
    /// Stream management (XEP-0198).
    public static let streamManagement = "urn:xmpp:sm:3"
    /// Ping (XEP-0199).
    public static let ping = "urn:xmpp:ping"
    /// An entity's time (XEP-0202).
    public static let time = "urn:xmpp:time"
    /// Delayed delivery (XEP-0203).
    public static let delay = "urn:xmpp:delay"
    /// Message carbons (XEP-0280).
    public static let carbons = "urn:xmpp:carbons:2"
    /// Forwarded stanzas (XEP-0297).
    public static let forward = "urn:xmpp:forward:0"
    /// The message archive (XEP-0313).
    public static let archive = "urn:xmpp:mam:2"
    /// Last message correction (XEP-0308).
    public static let correction = "urn:xmpp:message-correct:0"
    /// Message processing hints (XEP-0334).
    public static let hints = "urn:xmpp:hints"
    /// Unique and stable stanza ids (XEP-0359).
    public static let stanzaIDs = "urn:xmpp:sid:0"
    /// Explicit message encryption (XEP-0380).
    public static let encryption = "urn:xmpp:eme:0"
    /// The channel binding types that a server offers (XEP-0440).
    public static let channelBinding = "urn:xmpp:sasl-cb:0"
    /// SASL SCRAM downgrade protection (XEP-0474): the name of the extension; on the wire it is a SCRAM attribute.
    public static let scramDowngrade = "urn:xmpp:ssdp:0"
    /// Stream limits (XEP-0478).
    public static let limits = "urn:xmpp:stream-limits:0"
    /// OpenPGP for XMPP (XEP-0373).
    public static let openPGP = "urn:xmpp:openpgp:0"
    /// OpenPGP for XMPP instant messaging (XEP-0374).
    public static let openPGPMessaging = "urn:xmpp:openpgp:im:0"
    /// Gateway-relayed encryption.
    public static let gatewayRelay = "urn:xmpp:gre:0"
    /// The form type of the data that formatters and encrypters need.
    public static let gatewayRelayData = "urn:xmpp:gre:data"
    /// The feature of a gateway that relays nothing but gateway-relayed encryption.
    public static let gatewayRelayOnly = "urn:xmpp:gre:encrypted_only:0"
    /// What the feature of a formatter begins with; a name, a colon and a version follow.
    public static let gatewayFormatterPrefix = "urn:xmpp:gre:formatter:"
    /// What the feature of an encrypter begins with; a name, a colon and a version follow.
    public static let gatewayEncrypterPrefix = "urn:xmpp:gre:encrypter:"
    /// In-band registration (XEP-0077).
    public static let registration = "jabber:iq:register"
    /// The stream feature of a server that lets anybody register (XEP-0077).
    public static let registrationFeature = "http://jabber.org/features/iq-register"
    /// How a gateway is asked for the address of a legacy name (XEP-0100).
    public static let gatewayPrompt = "jabber:iq:gateway"
    /// The feature of an entity that reads escaped localparts (XEP-0106).
    public static let escaping = "jid\\20escaping"
    /// A link beside a stanza (XEP-0066).
    public static let outOfBand = "jabber:x:oob"
    /// Sets of results in pages (XEP-0059).
    public static let resultSets = "http://jabber.org/protocol/rsm"
}
