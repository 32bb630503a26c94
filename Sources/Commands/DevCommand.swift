import ArgumentParser
import Logging
import ServerApp

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run everything in one process on this machine, private PostgreSQL included.",
        discussion: """
            Control plane, reconciler and proxy, for a laptop, a demo, a test or a single machine. With DIR, its \
            endpoint files are applied now and whenever they change. TURNOUT_DATABASE_URL uses another PostgreSQL.

            Example: turnout dev endpoints/
            """)

    @Argument(help: ArgumentHelp("Endpoint files to apply and watch.", valueName: "dir"))
    var directory: String?

    @Option(name: .customLong("env"), help: EnvironmentHelp.text)
    var environment: String?

    @Option(help: ArgumentHelp("Where the control API listens (default 127.0.0.1:8700).", valueName: "address"))
    var control: String?

    @Option(help: ArgumentHelp("Where scoring requests come in (default 127.0.0.1:8800).", valueName: "address"))
    var proxy: String?

    @Option(help: ArgumentHelp("Where the proxy's metrics are (default 127.0.0.1:8801).", valueName: "address"))
    var admin: String?

    @Option(help: ArgumentHelp("Database, artifacts, routing table (default .turnout).", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("The proxy's threads (default: one a core).", valueName: "n"))
    var threads: String?

    @Option(name: .customLong("database-url"), help: ArgumentHelp("Another PostgreSQL.", valueName: "url"))
    var databaseURL: String?

    @Option(name: .customLong("pg-bin"), help: ArgumentHelp("Where initdb and postgres are.", valueName: "dir"))
    var postgresBinaries: String?

    @OptionGroup
    var records: RequestRecordOptions

    @OptionGroup
    var memory: MemoryLimitOption

    func run() async throws {
        let terminal = CommandEnvironment.current
        let settings = Settings(
            flags: [
                "control": control, "proxy": proxy, "admin": admin, "data": data, "threads": threads,
                "database-url": databaseURL, "pg-bin": postgresBinaries,
            ].merging(records.flags) { own, _ in own }.merging(memory.flags) { own, _ in own },
            environment: terminal.variables)
        try await runDev(
            DevConfiguration(settings, directory: directory, environment: environment),
            logger: terminal.logger(defaultLevel: .warning),
            say: { terminal.printError($0) }, onReady: { terminal.print($0.description) })
    }
}
