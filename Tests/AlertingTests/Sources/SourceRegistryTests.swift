import Alerting
import Testing

@Suite struct SourceRegistryTests {
    @Test func theEight() {
        #expect(SourceRegistry().names == ["alertmanager", "github", "gitlab", "grafana", "healthchecks", "json", "slack", "text"])
        #expect(SourceRegistry()["promtheus"] == nil)
    }

    /// What one declares is what it uses: names are new ones, headers in lower case, samples are read with the standard template.
    @Test(arguments: SourceRegistry().names)
    func declarations(_ name: String) throws {
        let source = try source(name)
        let common = Set(ContextField.common.map(\.name))
        #expect(source.fields.allSatisfy { !common.contains($0.name) && !$0.note.isEmpty })
        #expect(Set(source.fields.map(\.name)).count == source.fields.count)
        #expect(source.headers.allSatisfy { $0 == $0.lowercased() })
        #expect(source.samples.count >= 2)
        for sample in source.samples {
            guard case .message(let text) = try TemplateTrial.run(sample, source: source) else {
                Issue.record("\(name) \(sample.name) makes no message")
                continue
            }
            #expect(text.isHarmless && !text.contains("\n\n\n"))
            #expect(Set(sample.headers.keys).isSubset(of: source.headers))
        }
    }

    /// A further source is a type and an entry in the list.
    @Test func aFurtherOne() throws {
        struct Doorbell: AlertSource {
            let name = "doorbell"
            let summary = "a doorbell"
            let template = "{{headline}}{{#visitor}} by {{visitor}}{{/visitor}}"
            let fields = [ContextField("visitor", "who rang")]
            let samples: [SourceSample] = []
            func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
                let alert = Alert(fingerprint: "door", status: .note, title: "rang")
                return .intake(
                    Intake(
                        source: name,
                        groupKey: "door",
                        status: .note,
                        title: "rang",
                        alerts: [alert],
                        details: ["visitor": .text("Ada"), "secret": .text("x")]
                    )
                )
            }
        }
        let registry = SourceRegistry(SourceRegistry.builtIn + [Doorbell()])
        let source = try #require(registry["doorbell"])
        guard case .intake(let made) = try source.read(SourceRequest(body: [], received: sampleTime)) else { return }
        #expect(try AlertTemplate(standardFor: source).render(made, route: "r", at: sampleTime) == "rang by Ada")
        // What isn't declared can't be named.
        #expect(throws: TemplateErrors.self) { try AlertTemplate("{{secret}}", file: "t", source: source) }
    }
}
