import Alerting
import Foundation
import Testing

@Suite struct AlertTemplateTests {
    private func errors(_ text: String, _ name: String = "alertmanager") throws -> [String] {
        do {
            _ = try AlertTemplate(text, file: "a.mustache", source: source(name))
            return []
        } catch let errors as TemplateErrors {
            return errors.errors.map(\.description)
        }
    }

    @Test(arguments: [
        ("{{headline}}\n{{summry}}", "a.mustache:2:1: there is no 'summry' here"),
        ("{{titel}}", "a.mustache:1:1: there is no 'titel' here; did you mean 'title'?"),
        ("x {{#alerts}}{{headlin}}{{/alerts}}", "a.mustache:1:14: there is no 'headlin' here; did you mean 'headline'?"),
        ("{{#alerts}}\n{{title}}", "a.mustache:1:1: the section 'alerts' isn't closed; add {{/alerts}}"),
        ("{{/alerts}}", "a.mustache:1:1: no section is open here; {{#alerts}} is missing"),
        ("{{#alerts}}{{#labels}}{{/alerts}}{{/labels}}", "a.mustache:1:23: the section 'labels' of line 1 is open here; write {{/labels}}"),
        ("{{>other}}", "a.mustache:1:1: templates can't take in other templates; write its text here"),
        ("{{<other}}{{/other}}", "a.mustache:1:1: templates can't take in other templates"),
        ("{{$block}}{{/block}}", "a.mustache:1:1: templates can't take in other templates"),
        ("{{=<% %>=}}", "a.mustache:1:1: the delimiters are always {{ and }}"),
        ("{{%CONTENT_TYPE:HTML}}", "a.mustache:1:1: pragmas aren't read"),
        ("{{title", "a.mustache:1:1: the tag isn't closed on its line; add }}"),
        ("{{{title}}", "a.mustache:1:1: the tag isn't closed on its line; add }}}"),
        ("{{ #alerts }}{{/alerts}}", "a.mustache:1:1: there is a space before '#'; write {{#alerts}}"),
        ("{{alerts}}", "a.mustache:1:1: 'alerts' is a list; use {{#alerts}}…{{/alerts}}"),
        ("{{is_firing}}", "a.mustache:1:1: 'is_firing' is yes or no"),
        ("{{labels}}", "a.mustache:1:1: 'labels' is several values"),
        ("{{title.x}}", "a.mustache:1:1: 'title' has nothing below it; write {{title}}"),
        ("{{.}}", "a.mustache:1:1: {{.}} stands for nothing here"),
        ("{{#alerts}}{{.}}{{/alerts}}", "a.mustache:1:12: {{.}} stands for nothing here"),
        ("{{}}", "a.mustache:1:1: '' isn't a name"), ("{{a b}}", "a.mustache:1:1: 'a b' isn't a name"),
        ("{{labels..x}}", "a.mustache:1:1: 'labels..x' isn't a name"),
        ("{{reversed(title)}}", "a.mustache:1:1: there is no function 'reversed' for texts"),
        ("{{uppercased(title}}", "a.mustache:1:1: 'uppercased(title' isn't a name with one function"),
        ("{{uppercased(lowercased(title))}}", "a.mustache:1:1: 'uppercased(lowercased(title))' isn't a name with one function"),
        ("{{#sorted(alerts)}}{{/sorted(alerts)}}", "a.mustache:1:1: there is no function 'sorted' for sections"),
        ("{{#first()}}{{/first()}}", "a.mustache:1:1: first() is for the inside of a list"),
        ("{{#alerts}}{{#alerts}}{{/alerts}}{{/alerts}}", "a.mustache:1:12: 'alerts' stands within itself"),
        ("a\u{7}b", "a.mustache:1:2: there is a control character here"), ("\u{E000}", "a.mustache:1:1: there is a control character here"),
        ("ab\u{202E}c", "a.mustache:1:3: there is a control character here"),
        ("e\u{301}\u{FFFE}", "a.mustache:1:2: there is a control character here"),
        ("{{#title}}{{^alerts}}{{.}}{{/alerts}}{{/title}}", "a.mustache:1:22: {{.}} stands for nothing here"),
        ("{{#alerts}}{{^labels}}{{#last()}}{{/last()}}{{/labels}}{{/alerts}}", "a.mustache:1:23: last() is for the inside of a list"),
    ])
    func refused(_ text: String, _ expected: String) throws {
        let errors = try errors(text)
        #expect(errors.first?.hasPrefix(expected) == true, "\(errors)")
    }

    @Test func allErrorsInOrder() throws {
        #expect(try errors("{{one}}\n{{two}}\n{{three}}").map { $0.prefix(14) } == ["a.mustache:1:1", "a.mustache:2:1", "a.mustache:3:1"])
        #expect(try errors(String(repeating: "{{x}}", count: 3000)).count == 50)
    }

    @Test func bounds() throws {
        #expect(try errors(String(repeating: "x", count: 20_000)).first?.contains("at most 16384") == true)
        let deep = String(repeating: "{{#title}}", count: 100) + String(repeating: "{{/title}}", count: 100)
        #expect(try errors(deep).first?.contains("nest deeper than 8") == true)
        let open = String(repeating: "{{#", count: 5000)
        #expect(try !errors(open).isEmpty)
    }

    /// A name of one source isn't one of another.
    @Test func namesOfSources() throws {
        #expect(try errors("{{grafana_title}}", "grafana").isEmpty)
        #expect(try errors("{{grafana_title}}", "alertmanager").count == 1)
        #expect(try errors("{{#commits}}{{id}}{{/commits}}", "github").isEmpty)
        #expect(try errors("{{json.a.b.c}}", "json").isEmpty)
    }

    @Test func standardTemplatesAreRight() throws {
        for source in SourceRegistry().sources { _ = try AlertTemplate(standardFor: source) }
    }

    // MARK: Rendering

    private func rendered(_ template: String, _ sample: String = "grouped") throws -> String {
        try message("alertmanager", intake("alertmanager", sample: sample), template: template)
    }

    @Test func names() throws {
        #expect(
            try rendered("{{status}} {{lowercased(status)}} {{count}} {{firing_count}}/{{resolved_count}} +{{truncated}}")
                == "FIRING firing 5 2/1 +2"
        )
        #expect(try rendered("{{route}} {{source}} {{receiver}} {{received}}") == "ops alertmanager oxbow 2026-11-21 18:14 UTC")
        #expect(try rendered("{{labels.job}} {{group_labels.cluster}} {{labels.nosuch}}|") == "api eu |")
        #expect(try rendered("{{{title}}}{{&title}}") == "HighLatency (cluster=eu)HighLatency (cluster=eu)")
        #expect(try rendered("{{! a comment }}x{{!}}") == "x")
    }

    @Test func lists() throws {
        #expect(try rendered("{{#alerts}}{{number}}:{{labels.instance}}{{^last()}}, {{/last()}}{{/alerts}}") == "1:api-1, 2:api-3, 3:api-2")
        #expect(
            try rendered("{{#alerts}}{{#is_resolved}}{{own_text}} {{duration}} {{starts}} {{ends}}{{/is_resolved}}{{/alerts}}")
                == "instance=api-2 severity=warning 30m 2026-11-21 17:40 UTC 2026-11-21 18:10 UTC".replacing(" severity=warning", with: "")
        )
        #expect(
            try rendered("{{#alerts}}{{#labels}}{{name}}={{value}} {{/labels}};{{/alerts}}").hasPrefix(
                "cluster=eu instance=api-1 job=api ;"
            )
        )
        #expect(try rendered("{{#severity}}[{{.}}]{{/severity}}{{^text}}no text{{/text}}") == "[critical]no text")
    }

    /// An empty inner name doesn't stand for the outer one.
    @Test func outerNamesAreNotTakenForInner() throws {
        var made = try intake("alertmanager", sample: "grouped")
        for index in made.alerts.indices { (made.alerts[index].link, made.alerts[index].severity) = (nil, .unstated) }
        made.alerts[0].severity = .critical
        #expect(
            try message("alertmanager", made, template: "{{#alerts}}[{{severity}}{{link}}{{#link}}x{{/link}}]{{/alerts}}")
                == "[critical][][]"
        )
        #expect(
            try message(
                "alertmanager",
                made,
                template: "{{#alerts}}{{#annotations.summary}}[{{number}}{{severity}}]{{/annotations.summary}}{{/alerts}}"
            ) == "[1critical][2][3]"
        )
    }

    /// Inside a section of a text, names mean what they mean outside.
    @Test func insideATextNamesStay() throws {
        #expect(try rendered("{{#title}}[{{text}}{{route}}{{#is_firing}}{{.}}{{/is_firing}}]{{/title}}") == "[opsHighLatency (cluster=eu)]")
        #expect(try rendered("{{#labels.job}}{{text}}{{status}}{{/labels.job}}") == "FIRING")
    }

    /// Names with dots, as Kubernetes has them.
    @Test func labelsWithDots() throws {
        let made = try intake(
            "alertmanager",
            #"{"version": "4", "alerts": [{"status": "firing", "labels": {"app.kubernetes.name": "web", "app": "x"}}]}"#
        )
        #expect(
            try message(
                "alertmanager",
                made,
                template:
                    "{{labels.app.kubernetes.name}} {{labels.app}} {{#labels.app.kubernetes.name}}<{{.}}>{{/labels.app.kubernetes.name}}"
            ) == "web x <web>"
        )
    }

    @Test func emptyLinesOfTagsGoOut() throws {
        #expect(
            try rendered("a\n{{text}}\n\n{{#receiver}}\nb\n{{/receiver}}\n{{^receiver}}\nc\n{{/receiver}}\n  {{text}}  \nd\n\n\n\ne\n")
                == "a\n\nb\nd\n\ne"
        )
        #expect(try rendered("\r\n{{status}}\r\nx") == "FIRING\nx")
    }

    /// Nothing is escaped for HTML, and what stands in values is no template.
    @Test func textIsText() throws {
        let made = try intake(
            "alertmanager",
            #"{"version": "4", "alerts": [{"status": "firing", "annotations": {"summary": "<a> & \"{{status}}\" {{{x}}} {{>y}}"}}]}"#
        )
        #expect(try message("alertmanager", made, template: "{{title}}") == "<a> & \"{{status}}\" {{{x}}} {{>y}}")
    }

    @Test func nothingIsSwallowed() throws {
        #expect(try rendered("{{text}}").hasPrefix("FIRING critical: HighLatency"))
        #expect(try rendered("").hasPrefix("FIRING critical: HighLatency"))
    }

    @Test func longMessagesAreCutAtALine() throws {
        var made = try intake("alertmanager", sample: "grouped")
        made.alerts = (0..<100).map {
            Alert(fingerprint: "\($0)", status: .firing, title: String(repeating: "t", count: 200), labels: ["n": "\($0)"])
        }
        let text = try message("alertmanager", made)
        #expect(text.unicodeScalars.count <= 6000)
        #expect(text.hasSuffix("ttt\n… (cut)\nhttps://alerts.example.org"))
        let one = try message("alertmanager", made, template: "{{#alerts}}{{title}}{{/alerts}}")
        #expect(one.unicodeScalars.count <= 6000)
        #expect(one.hasSuffix("\n… (cut)\nhttps://alerts.example.org"))
    }

    /// Lists in lists multiply; the work of one rendering is bounded.
    @Test func listsInListsAreBounded() throws {
        var made = try intake("alertmanager", sample: "grouped")
        let labels = Dictionary(uniqueKeysWithValues: (0..<64).map { ("l\($0)", String(repeating: "v", count: 1000)) })
        (made.commonLabels, made.groupLabels, made.commonAnnotations) = (labels, labels, labels)
        made.alerts = (0..<100).map { Alert(fingerprint: "\($0)", status: .firing, title: "t", labels: labels) }
        let inner = "{{#own_labels}}{{value}}{{/own_labels}}{{#annotations}}{{value}}{{/annotations}}"
        let text = try message(
            "alertmanager",
            made,
            template: "{{#alerts}}{{#group_labels}}{{#labels}}\(inner){{/labels}}{{/group_labels}}{{/alerts}}"
        )
        #expect(text.unicodeScalars.count <= 6000)
        let flat = "{{#title}}" + String(repeating: "{{.}}", count: 3000) + "{{/title}}"
        #expect(try message("alertmanager", made, template: flat).unicodeScalars.count <= 6000)
    }

    @Test func zones() throws {
        let source = try source("alertmanager")
        let template = try AlertTemplate("{{received}}", file: "t", source: source)
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        #expect(
            try template.render(intake("alertmanager", sample: "firing"), route: "r", at: sampleTime, zone: zone)
                == "2026-11-21 19:14 UTC+1"
        )
    }

    @Test func trials() throws {
        let source = try source("github")
        #expect(try TemplateTrial.run(sample("star", of: "github"), source: source, template: "{{sender}}!") == .message("ada!"))
        #expect(
            try TemplateTrial.run(SourceSample("x", headers: ["x-github-event": "fork"], body: "{}"), source: source)
                == .nothing("the event 'fork' isn't told")
        )
        guard case .refused(let error) = try TemplateTrial.run(SourceSample("x", body: "{}"), source: source) else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == .shape)
        #expect(throws: TemplateErrors.self) { try TemplateTrial.run(sample("star", of: "github"), source: source, template: "{{nope}}") }
    }
}
