/// A private PostgreSQL: where it lives and how careful it is.
package struct PrivatePostgresConfiguration: Sendable {
    /// The cluster's directory, made on first use. Its lock and its log stand beside it, as `DIRECTORY.lock` and
    /// `DIRECTORY.log`.
    package var directory: String
    /// Where `postgres` and `initdb` are; `nil` looks in the usual places.
    package var binaries: String?
    /// The database that exists once the server is up.
    package var database: String
    /// The superuser's name; who may open the socket needs no password.
    package var user = "turnout"
    package var maximumConnections = 100
    /// For tests: no fsync, and `removable` is deleted when the server stops for good.
    package var isEphemeral = false
    /// What an ephemeral server leaves nothing of: the cluster's directory or one around it.
    package var removable: String?
    /// How long recovery after a crash may take.
    package var startTimeout = Duration.seconds(300)

    package init(directory: String, binaries: String? = nil, database: String = "turnout") {
        self.directory = directory
        self.binaries = binaries
        self.database = database
    }
}
