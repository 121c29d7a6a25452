import Oxbow
import Testing

@testable import OxbowHTTP

@Suite("Metrics page")
struct MetricsPageTests {
    @Test("a family has its help, its type and its lines, in the catalogue's order; known accounts begin at 0")
    func page() {
        let counters = Counters()
        counters.add(2, "oxbow_sent_total", ["account": "a@example.org"])
        counters.add("oxbow_clock_jumps_total", ["account": "a@example.org"])
        var input = MetricsInput(counters: counters.entries)
        input.accounts = [("a@example.org", []), ("b@example.org", [])]
        input.gauges = [Gauge("oxbow_account_connected", ["account": "a@example.org"], 1)]
        let text = MetricsPage.text(input)
        #expect(
            text.contains(
                """
                # HELP oxbow_account_connected Whether the account is online (1) or not (0).
                # TYPE oxbow_account_connected gauge
                oxbow_account_connected{account="a@example.org"} 1

                """
            )
        )
        #expect(
            text.contains(
                """
                # TYPE oxbow_sent_total counter
                oxbow_sent_total{account="a@example.org"} 2
                oxbow_sent_total{account="b@example.org"} 0

                """
            )
        )
        #expect(text.contains("oxbow_refused_total{account=\"b@example.org\",reason=\"replay\"} 0\n"))
        #expect(text.contains("oxbow_alarms_total{way=\"smtp\",outcome=\"failed\"} 0\n"))
        #expect(text.hasSuffix("\n"))
        #expect(!text.contains("\n\n"))
        let helps = text.split(separator: "\n").filter { $0.hasPrefix("# HELP") }
        #expect(Set(helps).count == helps.count)
    }

    @Test("a label's value ends where it ends, whatever stands beside its quotes and line breaks")
    func escaping() {
        // Swift takes a line break behind a carriage return, and a quote below an accent, for one character each.
        #expect(Array(MetricsWriter.escaped("a\r\nb").utf8) == Array("a\r\\nb".utf8))
        #expect(Array(MetricsWriter.escaped("a\"\u{301}} 1").utf8) == Array("a\\\"\u{301}} 1".utf8))
        #expect(Array(MetricsWriter.escaped("a\\\u{301}").utf8) == Array("a\\\\\u{301}".utf8))
        #expect(MetricsWriter.escaped("plain é") == "plain é")
    }

    @Test("a histogram's buckets are cumulative, and its last one has no bound")
    func histogram() {
        let counters = Counters()
        let labels = ["account": "a@example.org", "bot": "echo", "handler": "handlers[0]"]
        for seconds in [0.004, 0.005, 0.2, 3, 61] { counters.observe(seconds, "oxbow_handler_seconds", labels) }
        let text = MetricsPage.text(MetricsInput(histograms: counters.histograms))
        let names = "account=\"a@example.org\",bot=\"echo\",handler=\"handlers[0]\""
        #expect(
            text.contains(
                """
                # HELP oxbow_handler_seconds How long a handler had an event.
                # TYPE oxbow_handler_seconds histogram
                oxbow_handler_seconds_bucket{\(names),le="0.005"} 2
                oxbow_handler_seconds_bucket{\(names),le="0.01"} 2

                """
            )
        )
        #expect(
            text.contains(
                """
                oxbow_handler_seconds_bucket{\(names),le="60"} 4
                oxbow_handler_seconds_bucket{\(names),le="+Inf"} 5
                oxbow_handler_seconds_sum{\(names)} 64.209
                oxbow_handler_seconds_count{\(names)} 5

                """
            )
        )
    }

    @Test("label values are escaped as the format says, and an empty one is left out")
    func labels() {
        #expect(MetricsWriter.escaped("a\\b\"c\nd\te") == "a\\\\b\\\"c\\nd\te")
        #expect(MetricsWriter.labels(["b": "1", "a": "", "z": "2", "c": "3"], order: ["z"]) == "z=\"2\",b=\"1\",c=\"3\"")
    }

    @Test("numbers are such as Prometheus reads")
    func numbers() {
        #expect(MetricsWriter.number(3) == "3")
        #expect(MetricsWriter.number(-0.5) == "-0.5")
        #expect(MetricsWriter.number(1_795_000_000) == "1795000000")
        #expect(MetricsWriter.number(.infinity) == "+Inf")
        #expect(MetricsWriter.number(.nan) == "NaN")
    }

    @Test("a bot may count what the catalogue doesn't know; a name that can't be read is left out")
    func strangers() {
        let counters = Counters()
        counters.add("weather_reports_total", ["city": "Linz"])
        counters.add("no name", [:])
        counters.add("9lives_total", [:])
        counters.add("weather_bad_total", ["a label": "x"])
        let text = MetricsPage.text(MetricsInput(counters: counters.entries))
        #expect(text.contains("# TYPE weather_reports_total counter\nweather_reports_total{city=\"Linz\"} 1\n"))
        #expect(!text.contains("no name"))
        #expect(!text.contains("9lives"))
        #expect(!text.contains("weather_bad"))
    }

    @Test("the status gives states, bots' problems and the last reload")
    func status() {
        var report = StatusReport(version: "1.2", process: 1, since: 1, accounts: [])
        report.accounts = [
            StatusReport.Account(
                jid: "a@example.org",
                state: "offline",
                since: 50,
                bots: [StatusReport.Bot(name: "echo"), StatusReport.Bot(name: "remind", problem: "no program")]
            )
        ]
        report.reload = StatusReport.Reload(time: 70, error: "line 3")
        var input = MetricsInput()
        input.add(report)
        let text = MetricsPage.text(input)
        for line in [
            "oxbow_build_info{version=\"1.2\"} 1", "oxbow_account_state{account=\"a@example.org\",state=\"offline\"} 1",
            "oxbow_account_state{account=\"a@example.org\",state=\"online\"} 0",
            "oxbow_bot_problem{account=\"a@example.org\",bot=\"echo\"} 0",
            "oxbow_bot_problem{account=\"a@example.org\",bot=\"remind\"} 1", "oxbow_last_reload_successful 0",
            "oxbow_last_reload_timestamp_seconds 70",
            "oxbow_events_total{account=\"a@example.org\",bot=\"echo\",outcome=\"failed\"} 0",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test("Linux tells of the process")
    func process() {
        let samples = ProcessMetrics.samples()
        #expect(samples.count == 6)
        for sample in samples { #expect(sample.value > 0 && MetricCatalogue.byName[sample.name] != nil, "\(sample.name)") }
    }
}
