import ArgumentParser

/// What `--env` is, said alike by every command that reads a directory.
enum EnvironmentHelp {
    static let text = ArgumentHelp(
        "Whose overlays to take from DIR/environments, and what {env} stands for.", valueName: "name")
}
