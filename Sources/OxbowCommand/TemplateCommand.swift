import Alerting
import ArgumentParser
import Foundation
import YAMLConfiguration

/// `oxbow template …`.
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Try the templates of alerts; send nothing, and need no configuration.",
        subcommands: [Try.self, Show.self, List.self]
    )

    struct Try: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the messages that a template makes.",
            discussion: """
                Without --sample and --input, of every sample of the source. What is wrong with the template is one line: file, line, column, \
                what, and the nearest name that the source gives; then it exits with 3. It exits with 1 when the source refuses the input, as \
                it would refuse it over HTTP.
                """
        )

        @Argument(help: ArgumentHelp("The template; without it, the source's own.", valueName: "file"), completion: .file())
        var template: String?

        @Option(name: .long, help: ArgumentHelp("What sends: one of `oxbow template list`.", valueName: "name"))
        var source: String

        @Option(name: .long, help: ArgumentHelp("One sample of the source.", valueName: "name"))
        var sample: String?

        @Option(name: .long, help: ArgumentHelp("A request's body; - for standard input.", valueName: "file"), completion: .file())
        var input: String?

        @Option(name: .long, help: ArgumentHelp("A header of that request, as 'Name: value'.", valueName: "header"))
        var header: [String] = []

        func validate() throws {
            if sample != nil, input != nil { throw ValidationError("--sample and --input don't go together") }
            if input == nil, !header.isEmpty { throw ValidationError("--header belongs to --input") }
        }

        func run(_ tool: Tool) async throws -> CommandStatus {
            let source = try TemplateCommand.source(source)
            var text: String?
            if let template {
                do throws(Complaint) { text = try await TextFile.load(template, limit: TemplateLimits().template) } catch {
                    throw Failure(.usage, "oxbow: \(error.message)")
                }
            }
            var status = CommandStatus.done
            let requests = try await requests(of: source, tool)
            for request in requests {
                if requests.count > 1 { tool.console.print("--- \(request.name)") }
                let outcome: TemplateTrial.Outcome
                do throws(TemplateErrors) {
                    let now = input == nil ? TemplateTrial.sampleTime : Date()
                    outcome = try TemplateTrial.run(request, source: source, template: text, file: template ?? "", at: now)
                } catch {
                    throw Failure(.configuration, error.errors.map(\.description))
                }
                switch outcome {
                case .message(let message): tool.console.print(message)
                case .nothing(let reason): tool.console.print(error: "no message: \(reason)")
                case .refused(let error):
                    tool.console.print(error: "refused with status \(error.code.status): \(error)")
                    status = .failed
                }
            }
            return status
        }

        private func requests(of source: any AlertSource, _ tool: Tool) async throws -> [SourceSample] {
            if let sample {
                guard let one = source.samples.first(where: { $0.name == sample }) else {
                    let names = source.samples.map(\.name).joined(separator: ", ")
                    throw Failure(.usage, "oxbow: \(source.name) has no sample '\(sample)'; it has \(names)")
                }
                return [one]
            }
            guard let input else { return source.samples }
            let body: String
            if input == "-" {
                guard let text = String(validating: try await tool.console.read(), as: UTF8.self) else {
                    throw Failure(.usage, "oxbow: standard input is not UTF-8 text")
                }
                body = text
            } else {
                do throws(Complaint) { body = try await TextFile.load(input, limit: SourceLimits().body) } catch {
                    throw Failure(.usage, "oxbow: \(error.message)")
                }
            }
            var headers: [String: String] = [:]
            for line in header {
                guard let colon = line.firstIndex(of: ":") else {
                    throw Failure(.usage, "oxbow: --header: write it like 'Title: Disk full'")
                }
                let name = line[..<colon].lowercased()
                guard name == "content-type" || source.headers.contains(name) else {
                    let known = source.headers.isEmpty ? "no headers" : source.headers.joined(separator: ", ")
                    throw Failure(.usage, "oxbow: \(source.name) doesn't read '\(name)'; it reads content-type and \(known)")
                }
                headers[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
            let type = headers.removeValue(forKey: "content-type") ?? source.samples.first?.contentType
            return [SourceSample(input, headers: headers, contentType: type ?? "application/json", body: body)]
        }
    }

    struct Show: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "Print a source's own template, to begin with.")

        @Argument(help: "The source: one of `oxbow template list`.")
        var source: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            tool.console.print(try TemplateCommand.source(source).template)
            return .done
        }
    }

    struct List: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "List the sources, and the samples of each.")

        func run(_ tool: Tool) async throws -> CommandStatus {
            for source in SourceRegistry().sources {
                tool.console.print("\(source.name)  \(source.summary)")
                tool.console.print("    samples: \(source.samples.map(\.name).joined(separator: ", "))")
            }
            return .done
        }
    }

    /// The source of a name, or which there are.
    fileprivate static func source(_ name: String) throws(Failure) -> any AlertSource {
        let registry = SourceRegistry()
        if let source = registry[name] { return source }
        let near = registry.nearest(to: name).map { "did you mean '\($0)'?" }
        throw Failure(.usage, "oxbow: there is no source '\(name)'; \(near ?? "there are " + registry.names.joined(separator: ", "))")
    }
}
