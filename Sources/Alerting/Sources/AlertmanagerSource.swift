/// Alertmanager's webhook, version 4: one request a group, repeated until it is answered with 2xx.
struct AlertmanagerSource: AlertSource {
    let name = "alertmanager"
    let summary = "Prometheus Alertmanager, `webhook_configs` (version 4)"
    let template = StandardTemplate.grouped

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let root = try request.json(limits)
        let version = try root.need("version")
        guard try version.scalar() == "4" else {
            throw SourceError(
                .unsupported,
                at: "version",
                "isn't \"4\": this isn't Alertmanager's webhook, or one that is newer than this program"
            )
        }
        return try GroupedAlerts(source: name, limits: limits).read(root)
    }
}
