/// The configuration that a first start writes and `oxbow example` prints.
///
/// What only the operator knows is left empty and marked: behind `EDIT:` stands what it may look like. As it is, the file is refused with those
/// lines; filled in, it passes `oxbow check`. A test holds both.
enum ExampleConfiguration {
    /// The mark of what has to be filled in.
    static let mark = "# EDIT: "

    /// The file.
    static let text = """
        # Oxbow's configuration. Fill in the lines that say EDIT, then run `oxbow check`, which says what is wrong and what would run.
        # `oxbow check --reference` prints every key there is. Relative paths start at this file's folder.

        # Everything that Oxbow remembers: store, keyrings, control socket. One process owns it. Back it up: docs/operating.md says how.
        state: state

        # Where bots are, a folder for each: first your own, then those that come with Oxbow.
        bots: [bots, /usr/share/oxbow/bots]

        accounts:
          # An account of your XMPP server. It must exist; Oxbow doesn't register accounts.
          - jid: \(mark)bot@example.org
            # Its password: in a file of mode 0600. Also "${NAME}" (from the environment, or from the file that NAME_FILE names),
            # or {command: [pass, show, xmpp/bot]}.
            password: {file: password}
            # Left out, DNS says where the server is, and the system's certificates are trusted.
            # connect: {host: xmpp.example.org, port: 5222, ca: ca.pem}
            # Its OpenPGP key is made on the first start, in state/keyrings. A passphrase protects it (and the store) in stolen backups.
            # keyring: {passphrase: {file: passphrase}}
            # Whose keys count: those that are first seen (tofu), or only those under keys (pinned).
            trust: tofu
            # keys:
            #   you@example.org: [0123456789ABCDEF0123456789ABCDEF01234567]
            # Who hears of trouble, by the account's own messages.
            admins: \(mark)[you@example.org]
            # Whom it writes to unasked; their changed keys are noticed sooner.
            # recipients: [you@example.org]
            # Its bots, by their folders' names. Copy one to bots/ and edit its `allow`, or write one of your own.
            # Those that come with Oxbow: alerts, echo, help, relay, remind.
            bots: []

        # Alerts over HTTP, step by step in docs/alerting.md. So that they can be answered: `bots: [alerts]` above.
        # people:
        #   you: you@example.org
        # alerts:
        #   account: bot@example.org
        #   allow: [you] # who may say ack, silence and the like
        #   routes:
        #     alerts: {source: alertmanager, to: [you]} # comes in at http://127.0.0.1:8480/hooks/alerts
        # http:
        #   credentials:
        #     alertmanager: {token: {file: alertmanager.token}, may: [hooks/alerts]} # openssl rand -hex 20

        log:
          level: info
          format: text # or json

        """
}
