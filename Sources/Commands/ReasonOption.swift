import ArgumentParser

/// Why a change is made.
struct ReasonOption: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the audit log.", valueName: "text"))
    var reason: String?
}
