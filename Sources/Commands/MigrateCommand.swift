import ArgumentParser
import Logging
import ServerApp

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring a database's schema up to date, or say whether it is.",
        discussion: """
            Forward only, each step in a transaction; any number may run at a time. Exit code 1 with --check when the \
            schema is out of date.

            Example:
              turnout migrate --database-url postgres://db/turnout
            """)

    @Flag(help: "Change nothing; exit 0 when up to date, 1 when not.")
    var check = false

    @Option(
        name: .customLong("database-url"), help: ArgumentHelp("PostgreSQL (TURNOUT_DATABASE_URL).", valueName: "url"))
    var databaseURL: String?

    func run() async throws {
        let environment = CommandEnvironment.current
        guard let url = databaseURL ?? environment.variable("TURNOUT_DATABASE_URL") else {
            throw CommandFault(
                .usage, "no database is named", hint: "pass --database-url, or set TURNOUT_DATABASE_URL")
        }
        let isCurrent = try await runMigrate(
            databaseURL: url, isCheck: check, logger: environment.logger(defaultLevel: .warning)
        ) { environment.print($0) }
        if !isCurrent { throw CommandExit.failed }
    }
}
