import ArgumentParser
import Logging
import ServerApp

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run a routing proxy.",
        discussion: """
            Takes its routing table from a control plane and keeps it on disk, so that it serves, and starts, with the \
            control plane away. With --static, endpoint files alone are served.

            Examples:
              turnout proxy --url http://turnout.internal:8700 --proxy 0.0.0.0:8800
              turnout proxy --static endpoints/ --env production
              turnout proxy --slow-request 50ms --access-log requests.log
              turnout proxy --memory-limit 512MiB
              turnout proxy --takeover --data /var/lib/turnout --drain-delay 5s
            """)

    @Option(
        name: .customLong("url"),
        help: ArgumentHelp("The control plane (TURNOUT_URL; default http://127.0.0.1:8700).", valueName: "url"))
    var controlURL: String?

    @Option(help: ArgumentHelp("Who asks (TURNOUT_TOKEN): a token of the role proxy.", valueName: "token"))
    var token: String?

    @Option(name: .customLong("static"), help: ArgumentHelp("Serve these endpoint files alone.", valueName: "dir"))
    var staticDirectory: String?

    @Option(name: .customLong("env"), help: EnvironmentHelp.text)
    var environment: String?

    @Option(help: ArgumentHelp("Where scoring requests come in (default 127.0.0.1:8800).", valueName: "address"))
    var proxy: String?

    @Option(help: ArgumentHelp("Where metrics and health are (default 127.0.0.1:8801).", valueName: "address"))
    var admin: String?

    @Option(help: ArgumentHelp("Where the routing table is kept (default .turnout-proxy).", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Event loops (default: one a core).", valueName: "n"))
    var threads: String?

    @OptionGroup
    var records: RequestRecordOptions

    @OptionGroup
    var memory: MemoryLimitOption

    @Flag(help: "Take the place of the proxy that runs with the same --data, if one does, without a lost request.")
    var takeover = false

    @Option(
        help: ArgumentHelp(
            "When ending: how long to accept on while /readyz says 503 (default 0s).", valueName: "time"))
    var drainDelay: String?

    @Option(help: ArgumentHelp("When ending: what isn't finished by then is cut (default 30s).", valueName: "time"))
    var drainTimeout: String?

    func validate() throws {
        if environment != nil, staticDirectory == nil {
            throw ValidationError("--env is of endpoint files: it needs --static")
        }
    }

    func run() async throws {
        let terminal = CommandEnvironment.current
        let settings = Settings(
            flags: [
                "url": controlURL, "token": token, "proxy": proxy, "admin": admin, "data": data,
                "threads": threads, "drain-delay": drainDelay, "drain-timeout": drainTimeout,
            ].merging(records.flags) { own, _ in own }.merging(memory.flags) { own, _ in own },
            environment: terminal.variables)
        try await runProxy(
            ProxyAppConfiguration(
                settings, staticDirectory: staticDirectory, environment: environment, takesOver: takeover),
            logger: terminal.logger(), say: { terminal.printError($0) })
    }
}
