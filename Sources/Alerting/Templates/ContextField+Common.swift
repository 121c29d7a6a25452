extension ContextField {
    /// What every template may use, whatever the source.
    public static let common: [ContextField] = [
        ContextField("headline", "the first line as Oxbow writes it: `FIRING critical: InstanceDown (job=node), 3 alerts`"),
        ContextField("title", "what it is about, in one line, without status and count"),
        ContextField("text", "more of it, in several lines, when there is one alert"),
        ContextField("link", "where to read on: the alert's own link when there is one alert, else the sender's address"),
        ContextField("status", "`FIRING`, `RESOLVED` or `NOTE`; firing as long as one alert fires"),
        ContextField("severity", "the highest of what fires: `critical`, `error`, `warning`, `info`; empty when nothing is said"),
        ContextField("is_firing", .flag, "whether something fires"),
        ContextField("is_resolved", .flag, "whether all is resolved"),
        ContextField("is_note", .flag, "whether it is something said once, without an end"),
        ContextField("single", .flag, "whether there is one alert"),
        ContextField("many", .flag, "whether there are several"),
        ContextField("count", "how many alerts there are, those left out included"),
        ContextField("firing_count", "how many of the listed alerts fire; empty when none"),
        ContextField("resolved_count", "how many of the listed alerts are resolved; empty when none"),
        ContextField("truncated", "how many alerts aren't listed; empty when all are"),
        ContextField("alerts", .list(alert), "the alerts, firing ones first"),
        ContextField("labels", .labels, "labels that all alerts share: `{{labels.job}}`, or a section with `name` and `value`"),
        ContextField("group_labels", .labels, "labels by which the sender groups"),
        ContextField("annotations", .labels, "annotations that all alerts share"),
        ContextField("label_text", "the shared labels that the title doesn't have, as `job=node zone=eu`"),
        ContextField("receiver", "the receiver's name in the sender's configuration"),
        ContextField("external_url", "the sender's own address"),
        ContextField("group_key", "what belongs into one conversation, in the sender's words"),
        ContextField("received", "when the request came, such as `2026-11-21 18:14 UTC`"),
        ContextField("route", "the name of the route"),
        ContextField("source", "the name of the source"),
    ]

    /// What stands in each row of `alerts`.
    public static let alert: [ContextField] = [
        ContextField("number", "the row's number, from 1"),
        ContextField("status", "`FIRING`, `RESOLVED` or `NOTE`"),
        ContextField("is_firing", .flag, "whether it fires"),
        ContextField("is_resolved", .flag, "whether it is resolved"),
        ContextField("is_note", .flag, "whether it has no end"),
        ContextField("severity", "`critical`, `error`, `warning`, `info`; empty when nothing is said"),
        ContextField("name", "what kind of thing it is: the `alertname`, a check's name"),
        ContextField("title", "one line that says it"),
        ContextField("summary", "the title where it says more than the name; else empty"),
        ContextField("text", "more of it, in several lines; often empty"),
        ContextField("labels", .labels, "its labels: `{{labels.instance}}`, or a section with `name` and `value`"),
        ContextField("own_labels", .labels, "those of its labels that not all alerts share"),
        ContextField("annotations", .labels, "its annotations: `{{annotations.runbook_url}}`"),
        ContextField("values", .labels, "the numbers behind it, by name"),
        ContextField("label_text", "its labels as `instance=web-1 job=node`, without `alertname`, `severity` and what begins with `__`"),
        ContextField("own_text", "those labels that not all alerts share; its name when there are none"),
        ContextField("value_text", "the numbers as `B=44.2 C=1`"),
        ContextField("starts", "since when, such as `2026-11-21 18:02 UTC`; empty when nothing is said"),
        ContextField("ends", "when it ended; empty while it holds"),
        ContextField("duration", "how long it holds or held: `12m`, `3d 4h`"),
        ContextField("link", "where to read on"),
        ContextField("fingerprint", "which alert it is"),
    ]

    /// What stands in each row of labels.
    static let label: [ContextField] = [ContextField("name", "the label's name"), ContextField("value", "its value")]
}
