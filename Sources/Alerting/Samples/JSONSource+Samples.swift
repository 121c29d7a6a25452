extension JSONSource {
    var samples: [SourceSample] {
        [
            SourceSample("described", body: Self.described),
            SourceSample("bare", body: #"{"build": {"number": 31, "ok": true}, "commits": [{"message": "Note G"}, {"message": "Loop"}]}"#),
        ]
    }

    private static let described = #"""
        {
          "title": "Tank 2 is nearly empty", "message": "12 cm left", "severity": "warning", "status": "firing", "group": "tank-2",
          "link": "https://farm.example.org/tanks/2", "level_cm": 12, "place": {"lat": 48.1, "lon": 11.6}
        }
        """#
}
