/// What `turnout dev` is told.
package struct DevConfiguration: Sendable {
    /// Endpoint files to apply and watch; `nil` for none.
    package var directory: String?
    /// `--env`: whose overlays to take from the directory, and what `{env}` stands for.
    package var environment: String?
    package var control: ListenAddress
    package var proxy: ListenAddress
    package var admin: ListenAddress
    /// `--data`: the private PostgreSQL, artifacts, the proxy's table.
    package var dataDirectory: String
    /// `--threads` of the proxy.
    package var threads: Int
    /// `--slow-request` and `--access-log` of the proxy.
    package var records: RequestRecordSettings
    /// `--memory-limit` of the whole process.
    package var memoryLimit: MemoryLimitSetting
    /// Another server than the private one. Secret: it may hold a password.
    package var databaseURL: String?
    /// `--pg-bin`: where `initdb` and `postgres` are, if not in the usual places.
    package var postgresBinaries: String?

    package static let defaultDataDirectory = ".turnout"

    /// - Throws: `ConfigurationFault`, naming the key; also for an address that others can reach, since `dev` asks for
    ///   no token.
    package init(_ settings: Settings, directory: String?, environment: String? = nil) throws(ConfigurationFault) {
        self.directory = directory
        self.environment = environment
        control = try settings.address("control", default: ServerConfiguration.defaultControl)
        proxy = try settings.literalAddress("proxy", default: ProxyAppConfiguration.defaultProxy)
        admin = try settings.literalAddress("admin", default: ProxyAppConfiguration.defaultAdmin)
        dataDirectory = settings.text("data") ?? Self.defaultDataDirectory
        threads = try settings.number(
            "threads", in: ProxyAppConfiguration.threadRange, default: ProxyAppConfiguration.defaultThreads)
        records = try RequestRecordSettings(settings)
        memoryLimit = try MemoryLimitSetting(settings)
        databaseURL = settings.text("database-url")
        postgresBinaries = settings.text("pg-bin")
        guard control.isLoopback else {
            throw settings.fault(
                "control",
                "\(control) can be reached from elsewhere, and `turnout dev` asks for no token; use `turnout server`")
        }
    }
}
