import ArgumentParser
import Logging
import ServerApp

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run the control plane against a PostgreSQL.",
        discussion: """
            Stateless: run as many as you like against one database; one of them leads. The schema must be up to date \
            (`turnout migrate`). Every call needs a token; the first is made against the database itself: \
            turnout token create NAME --role admin --database-url URL

            Example:
              turnout server --database-url postgres://db/turnout --control 0.0.0.0:8700
            """)

    @Option(help: ArgumentHelp("Where the control API listens (default 127.0.0.1:8700).", valueName: "address"))
    var control: String?

    @Option(
        name: .customLong("database-url"), help: ArgumentHelp("PostgreSQL (TURNOUT_DATABASE_URL).", valueName: "url"))
    var databaseURL: String?

    @Option(help: ArgumentHelp("Where artifacts are kept (default /var/lib/turnout).", valueName: "dir"))
    var data: String?

    func run() async throws {
        let environment = CommandEnvironment.current
        let settings = Settings(
            flags: ["control": control, "database-url": databaseURL, "data": data], environment: environment.variables)
        try await runServer(ServerConfiguration(settings), logger: environment.logger())
    }
}
