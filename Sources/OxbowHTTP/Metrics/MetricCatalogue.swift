/// Every metric that Oxbow has: the page, docs/metrics.md, the dashboard and the alert rules are held against it.
///
/// Whoever counts something new adds its line here; a test finds the names in the sources.
public enum MetricCatalogue {
    /// A part of the list.
    public struct Group: Sendable, Hashable {
        /// Its heading.
        public var title: String
        /// Its metrics, in the order of the page.
        public var metrics: [MetricDescription]
    }

    /// All of them, in the order of the page.
    public static let groups: [Group] = [process, accounts, outbound, inbound, handlers, keys, gateways, alerting, web]

    /// A metric by its name.
    public static let byName: [String: MetricDescription] = Dictionary(
        groups.flatMap(\.metrics).map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    private typealias Label = MetricDescription.Label

    private static let process = Group(
        title: "The process",
        metrics: [
            MetricDescription(.gauge, "oxbow_build_info", [.names("version")], "Always 1; the version is in the label."),
            MetricDescription(
                .gauge,
                "oxbow_last_reload_successful",
                "Whether the configuration that was read last was taken on (1) or refused (0); not there before the first reload."
            ),
            MetricDescription(.gauge, "oxbow_last_reload_timestamp_seconds", "When the configuration was last read again."),
            MetricDescription(
                .counter,
                "oxbow_reloads_total",
                [.words("outcome", "done", "refused")],
                "How often the configuration was read again: taken on, or refused as a whole."
            ),
            MetricDescription(
                .counter,
                "oxbow_alarms_total",
                [.words("way", "account", "itself", "command", "smtp"), .words("outcome", "told", "failed")],
                "Alarms to admins, by the way they went (`alarm:` in config.yaml)."
            ),
            MetricDescription(.gauge, "oxbow_start_time_seconds", "When the accounts of this process were begun."),
            MetricDescription(.gauge, "oxbow_store_reachable", "Whether the store answers (1) or not (0)."),
            MetricDescription(.counter, "process_cpu_seconds_total", "Processor time that the process has used."),
            MetricDescription(.gauge, "process_max_fds", "How many file descriptors the process may have open."),
            MetricDescription(.gauge, "process_open_fds", "How many file descriptors the process has open."),
            MetricDescription(.gauge, "process_resident_memory_bytes", "Memory of the process that is in RAM."),
            MetricDescription(.gauge, "process_start_time_seconds", "When the process was started."),
            MetricDescription(.gauge, "process_virtual_memory_bytes", "Address space of the process."),
        ]
    )

    private static let accounts = Group(
        title: "Accounts",
        metrics: [
            MetricDescription(.gauge, "oxbow_account_connected", [.account], "Whether the account is online (1) or not (0)."),
            MetricDescription(
                .gauge,
                "oxbow_account_state",
                [.account, .words("state", "starting", "online", "offline", "failed", "stopped")],
                "1 for the state that the account is in, 0 for the others."
            ),
            MetricDescription(.gauge, "oxbow_account_since_timestamp_seconds", [.account], "Since when the account is in its state."),
            MetricDescription(
                .gauge,
                "oxbow_bot_problem",
                [.account, .bot],
                "Whether something keeps the bot from working (1) or not (0)."
            ),
            MetricDescription(
                .counter,
                "oxbow_disconnects_total",
                [
                    .account,
                    .words(
                        "reason",
                        "resolve",
                        "network",
                        "tls",
                        "login",
                        "protocol",
                        "conflict",
                        "server",
                        "policy",
                        "store",
                        "stopped"
                    ),
                ],
                "How often the account went offline, or didn't get online."
            ),
            MetricDescription(
                .counter,
                "oxbow_clock_jumps_total",
                [.account],
                "How often the machine's clock was set by a minute or more."
            ),
        ]
    )

    private static let outbound = Group(
        title: "Messages out",
        metrics: [
            MetricDescription(.counter, "oxbow_accepted_total", [.account], "Messages that were taken into the outbox: they are on disk."),
            MetricDescription(
                .counter,
                "oxbow_handed_total",
                [.account],
                "Messages out of the outbox that were written to the server, repeats after a cut included."
            ),
            MetricDescription(
                .counter,
                "oxbow_sent_total",
                [.account],
                "Messages that the account's server has acknowledged (XEP-0198): it has them now."
            ),
            MetricDescription(
                .counter,
                "oxbow_delivered_total",
                [.account],
                "Messages that the recipient's client or gateway has acknowledged (XEP-0184), where receipts are asked for."
            ),
            MetricDescription(
                .counter,
                "oxbow_send_failures_total",
                [
                    .account,
                    .words(
                        "reason",
                        "no-usable-key",
                        "no-own-key",
                        "payload",
                        "engine",
                        "store",
                        "offline",
                        "server-policy",
                        "too-big",
                        "other"
                    ),
                ],
                "Attempts to seal or send a message that failed, by the reason; most are tried again."
            ),
            MetricDescription(
                .counter,
                "oxbow_dead_letters_total",
                [
                    .account,
                    .words(
                        "reason",
                        "no-key",
                        "operator",
                        "recipient-unavailable",
                        "remote-server",
                        "rate-limited",
                        "server-policy",
                        "server-failure",
                        "too-big",
                        "offline",
                        "internal",
                        "no-receipt",
                        "expired",
                        "malformed",
                        "refused"
                    ),
                ],
                "Messages that were given up, by the last reason; `oxbow outbox list` names them."
            ),
            MetricDescription(
                .gauge,
                "oxbow_outbox_messages",
                [.account, .words("state", "accepted", "held", "handed", "dead")],
                "Messages in the outbox: waiting, held for a key or the operator, handed to the server, given up."
            ),
            MetricDescription(
                .gauge,
                "oxbow_outbox_oldest_seconds",
                [.account],
                "Age of the oldest message that is not settled; 0 when there is none."
            ),
            MetricDescription(
                .counter,
                "oxbow_outbox_errors_total",
                [.account],
                "How often the outbox could not be written; nothing is sent until it can."
            ),
        ]
    )

    private static let inbound = Group(
        title: "Messages in",
        metrics: [
            MetricDescription(.counter, "oxbow_opened_total", [.account], "Messages that were decrypted, and passed every check."),
            MetricDescription(
                .counter,
                "oxbow_refused_total",
                [
                    .account,
                    .words(
                        "reason",
                        "plaintext",
                        "envelope",
                        "undecryptable",
                        "integrity",
                        "limits",
                        "unsigned",
                        "bad-signature",
                        "wrong-signer",
                        "untrusted",
                        "content",
                        "addressee",
                        "time",
                        "stale",
                        "replay",
                        "smuggling",
                        "wrapper",
                        "type",
                        "not-allowed",
                        "failure",
                        "unclear",
                        "gateway-not",
                        "gateway-kind",
                        "gateway-from",
                        "gateway-content"
                    ),
                ],
                "Messages that were refused, by the reason: what could not be decrypted or verified, was sent before, or came from a stranger."
            ),
            MetricDescription(
                .counter,
                "oxbow_refusals_answered_total",
                [.account],
                "How often a sender was told what to do about a refused message (R4)."
            ),
            MetricDescription(
                .gauge,
                "oxbow_journal_unfinished",
                [.account],
                "Messages that have arrived and are not done: waiting to be opened, or at a handler."
            ),
            MetricDescription(
                .counter,
                "oxbow_journal_errors_total",
                [.account],
                "How often the journal could not be read or written; the messages wait."
            ),
            MetricDescription(
                .counter,
                "oxbow_journal_damaged_total",
                [.account],
                "Rows of the journal that can't be read and are left out: repair the store."
            ),
        ]
    )

    private static let handlers = Group(
        title: "Handlers",
        metrics: [
            MetricDescription(
                .counter,
                "oxbow_events_total",
                [
                    .account, .bot,
                    .words("outcome", "done", "failed", "timed-out", "untrusted", "rate", "late", "interrupted"),
                ],
                "Events that handlers were given, by how that ended."
            ),
            MetricDescription(
                .histogram,
                "oxbow_handler_seconds",
                [.account, .bot, .names("handler")],
                "How long a handler had an event."
            ),
            MetricDescription(
                .counter,
                "oxbow_dispatch_total",
                [
                    .account,
                    .words("reason", "unhandled", "match-limit", "automatic", "answer", "dead", "journal"),
                ],
                "What was special about bringing messages to handlers: nobody took it, an answer failed, it was given up and so on."
            ),
            MetricDescription(
                .counter,
                "oxbow_program_total",
                [
                    .account, .names("bot"),
                    .words("reason", "start", "exit", "hang", "stderr-flood", "bad-address", "send-to", "send"),
                ],
                "What became of bots' programs: started, ended by themselves, ended because they hung, and what of theirs was refused."
            ),
            MetricDescription(
                .counter,
                "oxbow_relay_total",
                [
                    .account, .names("bot"), .words("outcome", "carried", "failed", "rate", "loop", "no-rule", "automatic"),
                    .names("reason"),
                ],
                "What the relay bot did with messages."
            ),
        ]
    )

    private static let keys = Group(
        title: "Keys",
        metrics: [
            MetricDescription(
                .gauge,
                "oxbow_key_expiry_timestamp_seconds",
                [.account],
                "When the account's own key expires; not there while it never does."
            ),
            MetricDescription(
                .gauge,
                "oxbow_key_expiry_daysleft",
                [.account],
                "Days until the account's own key expires, below zero once it has; not there while it never does."
            ),
            MetricDescription(
                .counter,
                "oxbow_key_events_total",
                [
                    .account,
                    .words("kind", "pinned", "held", "gone", "back", "spoiled", "none-left", "unreadable", "rejected"),
                ],
                "What happened to peers' keys: first seen, held for the operator, gone from their list, revoked or expired and so on."
            ),
        ]
    )

    private static let gateways = Group(
        title: "Gateways",
        metrics: [
            MetricDescription(
                .gauge,
                "oxbow_gateway_problem",
                [.account, .names("gateway")],
                "Whether something keeps the gateway from being used (1) or not (0)."
            ),
            MetricDescription(
                .counter,
                "oxbow_gateway_registrations_total",
                [.account, .names("gateway"), .names("outcome")],
                "Registrations with gateways, by how they ended."
            ),
            MetricDescription(
                .counter,
                "oxbow_gateway_events_total",
                [.account, .words("kind", "gateway-policy-changed", "gateway-sender-changed", "gateway-unusable")],
                "What gateways changed on their side that the operator must look at."
            ),
            MetricDescription(
                .counter,
                "oxbow_gateway_errors_total",
                [.account, .names("condition")],
                "Errors that came back from gateways, by their condition."
            ),
        ]
    )

    private static let alerting = Group(
        title: "Alerts",
        metrics: [
            MetricDescription(
                .counter,
                "oxbow_alerts_total",
                [
                    .route,
                    .words(
                        "outcome",
                        "told",
                        "repeated",
                        "folded",
                        "acknowledged",
                        "muted",
                        "heartbeat",
                        "nothing",
                        "unavailable",
                        "too-large",
                        "unreadable",
                        "content-type",
                        "shape",
                        "unsupported"
                    ),
                ],
                "Requests to a route, by what became of them; `unavailable` is tried again by the sender, what stands behind it never."
            ),
            MetricDescription(
                .counter,
                "oxbow_alert_messages_total",
                [.account],
                "Messages of alerts, reminders, escalations, schedules and answers in chat that were put into the outbox."
            ),
            MetricDescription(
                .counter,
                "oxbow_alert_messages_unsent_total",
                [
                    .account,
                    .words(
                        "reason",
                        "repeated",
                        "acknowledged",
                        "muted",
                        "folded",
                        "not-open",
                        "closed",
                        "heartbeat",
                        "refused",
                        "nobody",
                        "no-route",
                        "unreachable"
                    ),
                ],
                "How often nothing was told, by the reason."
            ),
            MetricDescription(
                .counter,
                "oxbow_alert_commands_total",
                [.account, .words("outcome", "done", "refused", "repeated", "unavailable")],
                "Commands that people gave in chat."
            ),
            MetricDescription(
                .counter,
                "oxbow_silences_total",
                [.words("action", "make", "end"), .words("outcome", "done", "failed")],
                "Silences that were made or ended in Alertmanager."
            ),
            MetricDescription(
                .counter,
                "oxbow_heartbeats_sent_total",
                [.names("heartbeat"), .words("outcome", "sent", "failed", "offline")],
                "Heartbeats out, by their place in the configuration; `offline`: left out since the account can't send."
            ),
            MetricDescription(.counter, "oxbow_schedules_total", [.account, .names("schedule")], "How often a schedule's time came."),
            MetricDescription(
                .gauge,
                "oxbow_alerts_open",
                [.route, .words("state", "firing", "acknowledged")],
                "Conversations that are open, by route: nobody sees to them, or somebody does."
            ),
            MetricDescription(
                .gauge,
                "oxbow_heartbeat_missing",
                [.names("heartbeat")],
                "Whether a heartbeat that is waited for stays away (1) or not (0)."
            ),
            MetricDescription(
                .gauge,
                "oxbow_heartbeat_last_timestamp_seconds",
                [.names("heartbeat")],
                "When a heartbeat came last; not there before the first."
            ),
            MetricDescription(
                .gauge,
                "oxbow_schedule_next_timestamp_seconds",
                [.account, .names("schedule")],
                "When a schedule is due next."
            ),
        ]
    )

    private static let web = Group(
        title: "HTTP",
        metrics: [
            MetricDescription(
                .counter,
                "oxbow_http_requests_total",
                [.words("listener", "main", "metrics"), .names("route"), .names("status")],
                "Requests that were answered, by route and status; unknown paths count together."
            ),
            MetricDescription(.histogram, "oxbow_http_seconds", [.names("route")], "How long answers took."),
            MetricDescription(
                .counter,
                "oxbow_http_refused_total",
                [
                    .words(
                        "reason",
                        "no-credential",
                        "malformed-credential",
                        "unknown-token",
                        "unknown-password",
                        "unknown-path-token",
                        "bad-signature",
                        "stale-signature",
                        "not-allowed",
                        "cross-site",
                        "too-large",
                        "parse",
                        "ambiguous-length",
                        "transfer-encoding",
                        "version",
                        "host",
                        "expect",
                        "slow-request",
                        "slow-reader"
                    )
                ],
                "Requests and connections that were refused, by the reason."
            ),
        ]
    )
}
