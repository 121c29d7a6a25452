import Oxbow
import YAMLConfiguration

/// `docs/configuration.md`: what every key means, made from the schemas that read the files.
enum ConfigurationReference {
    /// The document.
    static var markdown: String {
        """
        # Configuration

        `oxbow check --reference` prints this page; a test holds the file against the code. `oxbow check` judges a configuration and says what
        would run.

        Oxbow reads the file that `--config` or `OXBOW_CONFIG` names, else `./config.yaml`, `~/.config/oxbow/config.yaml` or
        `/etc/oxbow/config.yaml`. Each bot has a folder with a `bot.yaml`.

        ## How values are written

        - Files are YAML, at most 1 MiB. Unknown keys, keys given twice and values of the wrong type are errors, all reported at once, each with
          its line. Keys are written in `snake_case`; `kebab-case` is the same key. A key with nothing behind it counts as not given.
        - `${NAME}` in a value is the environment variable NAME, `${NAME:-text}` has a default for one that is missing or empty, `$$` is a dollar
          sign. A variable that is missing is an error. Instead of NAME the environment may have NAME_FILE, the path of a file that holds the
          value (the way of container secrets); one trailing line break is removed, and both at once are an error.
        - Durations: `30s`, `20m`, `1h`, `3d`, `1h30m`. Sizes in bytes: `500`, `300k`, `2M`, `1G` (powers of 1024).
        - Relative paths start at the folder of the file that names them; `~` is `HOME`.
        - Secrets (passwords and passphrases) are best given by reference: text with `${NAME}`, `{env: NAME}`, `{file: PATH}` or
          `{command: [PROGRAM, ARGUMENT]}`. They are fetched when they are needed, each time; one trailing line break is removed. A file should be
          readable by its owner only. A command is run without a shell, for at most 30 seconds, and its standard output is the secret.

        \(Reference(Settings.schema.adding(Tool.parts.flatMap(\.keys)), title: "config.yaml").markdown)
        \(Reference(BotFile.schema, title: "bot.yaml").markdown)
        """
    }
}
