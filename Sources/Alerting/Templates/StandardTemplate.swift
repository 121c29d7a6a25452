/// The templates that ship. The first line says all; then what differs; the link is last.
enum StandardTemplate {
    /// For groups of alerts: one alone is told in full, several have a line each.
    static let grouped = """
        {{headline}}
        {{#single}}
        {{#alerts}}
        {{text}}
        {{label_text}}
        {{value_text}}
        {{#starts}}since {{starts}}{{#ends}}, until {{ends}}{{/ends}} ({{duration}}){{/starts}}
        {{#annotations.runbook_url}}runbook: {{.}}{{/annotations.runbook_url}}
        {{/alerts}}
        {{/single}}
        {{#many}}
        {{label_text}}
        {{#alerts}}
        - {{#is_resolved}}resolved {{/is_resolved}}{{own_text}}{{#duration}} ({{duration}}){{/duration}}{{#summary}}: {{summary}}{{/summary}}{{#value_text}} [{{value_text}}]{{/value_text}}
        {{/alerts}}
        {{#truncated}}and {{truncated}} more{{/truncated}}
        {{/many}}
        {{link}}
        """

    /// For what is said once: a headline, a text, a link.
    static let plain = """
        {{headline}}
        {{text}}
        {{label_text}}
        {{link}}
        """

    /// For what happens in a repository.
    static let repository = """
        {{headline}}
        {{text}}
        {{#commits}}
        - {{id}} {{message}}{{#author}} ({{author}}){{/author}}
        {{/commits}}
        {{#more_commits}}and {{more_commits}} more{{/more_commits}}
        {{link}}
        """

    /// The same with the jobs of a pipeline.
    static let pipelines = repository.replacing("{{link}}", with: "{{#jobs}}\n- {{name}}: {{status}}\n{{/jobs}}\n{{link}}")

    /// For JSON that nobody described: a headline, and what is in it.
    static let json = """
        {{headline}}
        {{text}}
        {{#rest}}
        {{name}}: {{value}}
        {{/rest}}
        {{link}}
        """
}
