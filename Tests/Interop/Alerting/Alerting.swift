import Testing

/// Alerts on their way from those who send them over HTTP to people, and what people answer: with Debian's Alertmanager, curl and hey on one
/// side and clients that are not ours on the other.
@Suite struct Alerting {
    /// What keeps the machine busy, one after the other.
    @Suite(.serialized, .rig, .cleansUp) struct Busy {}

    /// What waits for a clock most of the time, beside the others. Its server is its own.
    @Suite(.rig, .cleansUp) struct Waiting {}
}
