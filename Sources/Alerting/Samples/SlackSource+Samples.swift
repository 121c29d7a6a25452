extension SlackSource {
    var samples: [SourceSample] {
        [
            SourceSample(
                "text",
                body: #"{"channel": "ops", "username": "backup", "text": "Backup of <https://db.example.org|db-1> is done &amp; checked"}"#
            ),
            SourceSample("blocks", body: Self.blocks),
            SourceSample("attachments", body: Self.attachments),
            SourceSample(
                "form",
                contentType: "application/x-www-form-urlencoded",
                body: "payload=%7B%22text%22%3A%22Deployed+v1.4%5Cnby+Ben%22%7D"
            ),
        ]
    }

    private static let blocks = #"""
        {
          "text": "Deployment finished",
          "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Deployment finished"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*web* is at `v1.4`, see <https://ci.example.org/31|run 31>"}},
            {"type": "divider"},
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Took*\n3m"}, {"type": "mrkdwn", "text": "*By*\n<@U012AB3CD>"}]},
            {"type": "context", "elements": [{"type": "image", "alt_text": "logo", "image_url": "https://ci.example.org/l.png"}, {"type": "mrkdwn", "text": "CI"}]},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": "https://ci.example.org/31"}]}
          ]
        }
        """#

    private static let attachments = #"""
        {
          "attachments": [
            {
              "fallback": "Disk is full", "color": "danger", "title": "Disk of db-1 is full", "title_link": "https://graphs.example.org/db-1",
              "text": "98 % of 200 GB", "fields": [{"title": "Mount", "value": "/var", "short": true}, {"title": "Free", "value": "4 GB", "short": true}]
            }
          ]
        }
        """#
}
