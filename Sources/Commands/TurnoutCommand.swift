import ArgumentParser
import ControlAPITypes

/// The root of the command line. A noun's commands live in files `NounVerb.swift` and are listed here or by their
/// noun's group.
///
/// A command's `run()` reads: options → one or two calls of the client → `output.render(value) { table }`. It prints
/// nothing else on standard output; faults are thrown, and `runTurnout` prints them.
struct TurnoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "turnout",
        abstract: "Which model version answers which scoring request.",
        discussion: """
            TURNOUT_URL and TURNOUT_TOKEN say which control plane to talk to; `turnout dev` starts one on this machine.

            Examples:
              turnout dev endpoints/      everything on this machine, for a start
              turnout plan endpoints/     what apply would change
              turnout apply endpoints/    change it

            Exit codes:
              0  done
              1  failed
              2  the command line or the endpoint files are wrong
              3  done, but held or waiting
              4  conflict: something changed since you looked
              5  'turnout plan' alone: there is something to apply

            Completions, for this shell: source <(turnout --generate-completion-script bash)
            zsh and fish as well; the README says how they are installed for good.
            """,
        version: ServerVersion.current.version,
        subcommands: [
            DevCommand.self, ServerCommand.self, ProxyCommand.self, MigrateCommand.self,
            ValidateCommand.self, SchemaCommand.self, PlanCommand.self, ApplyCommand.self, StatusCommand.self,
            ProxiesCommand.self, PromoteCommand.self,
            RollbackCommand.self, ResumeCommand.self, HistoryCommand.self, ReleasesCommand.self, DiffCommand.self,
            ExplainCommand.self,
            ModelCommand.self, VersionCommand.self, AliasCommand.self, ArtifactCommand.self, TokenCommand.self,
            AuditCommand.self,
        ])
}
