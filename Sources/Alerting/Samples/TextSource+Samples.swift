extension TextSource {
    var samples: [SourceSample] {
        [
            SourceSample("plain", contentType: "text/plain", body: "Backup of db-1 is done\n3 files changed\n"),
            SourceSample(
                "ntfy",
                headers: ["title": "Disk full", "priority": "urgent", "tags": "warning,disk", "click": "https://graphs.example.org/db-1"],
                contentType: "application/x-www-form-urlencoded",
                body: "98 % of /var on db-1"
            ),
            SourceSample(
                "query",
                query: ["title": "Door", "status": "firing", "group": "door"],
                contentType: "text/plain",
                body: "The door is open"
            ),
        ]
    }
}
