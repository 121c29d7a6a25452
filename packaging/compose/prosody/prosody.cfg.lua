-- One domain, for people and bots on this host. Prosody's own documentation: https://prosody.im/doc/configure
modules_enabled = {
    "roster", "saslauth", "tls", "disco", "blocklist", "carbons", "pep", "ping", "smacks", "mam", "csi_simple", "limits",
}
-- Nobody else's servers: this is a closed circle. Remove the line, and open port 5269, to talk to other domains.
modules_disabled = { "s2s" }

c2s_require_encryption = true
allow_unencrypted_plain_auth = false
authentication = "internal_hashed"
storage = "internal"
limits = { c2s = { rate = "100kb/s" } }

pidfile = "/var/lib/prosody/prosody.pid"
log = { { levels = { min = "info" }, to = "console" } }

VirtualHost(ENV_XMPP_DOMAIN or "localhost")
    ssl = { certificate = "/run/secrets/prosody.crt", key = "/run/secrets/prosody.key" }
