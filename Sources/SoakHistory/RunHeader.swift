/// What a run was told to do.
package struct RunHeader: Sendable, Hashable, Codable {
    package var seed: UInt64
    package var seconds: Int
    package var clients: Int
    package var servers: Int
    package var proxies: Int
    /// What the run was to do to the installation, each kind at least once.
    package var faults: [FaultKind]
    /// Fewer changes than that were no run.
    package var leastChanges: Int

    package init(
        seed: UInt64, seconds: Int, clients: Int, servers: Int, proxies: Int, faults: [FaultKind], leastChanges: Int
    ) {
        self.seed = seed
        self.seconds = seconds
        self.clients = clients
        self.servers = servers
        self.proxies = proxies
        self.faults = faults
        self.leastChanges = leastChanges
    }
}
