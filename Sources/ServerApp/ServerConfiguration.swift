/// What `turnout server` is told.
package struct ServerConfiguration: Sendable {
    /// `--control`, where the control API listens.
    package var control: ListenAddress
    /// `--database-url`. Secret: it may hold a password.
    package var databaseURL: String
    /// `--data`, where artifacts are kept. Servers of one database share it.
    package var dataDirectory: String
    /// Names this server in leases and logs.
    package var name: String

    package static let defaultControl = ListenAddress(host: "127.0.0.1", port: 8700)

    package init(control: ListenAddress, databaseURL: String, dataDirectory: String, name: String) {
        self.control = control
        self.databaseURL = databaseURL
        self.dataDirectory = dataDirectory
        self.name = name
    }

    /// - Throws: `ConfigurationFault`, naming the key.
    package init(_ settings: Settings) throws(ConfigurationFault) {
        guard let url = settings.text("database-url") else {
            throw settings.fault(
                "database-url", "it is missing: expected postgres://USER@HOST/DATABASE, or run `turnout dev` instead")
        }
        self.init(
            control: try settings.address("control", default: Self.defaultControl),
            databaseURL: url,
            dataDirectory: settings.text("data") ?? "/var/lib/turnout",
            name: ProcessName.current)
    }
}
