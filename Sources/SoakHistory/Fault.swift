/// What a run does to the installation.
package enum FaultKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Another session changes the rows that the servers' serialisable transactions are about to change: 40001.
    case contention
    /// The relay cuts every connection between one server and PostgreSQL.
    case cutConnections
    /// The relay cuts a connection instead of forwarding its COMMIT.
    case cutBeforeCommit
    /// The relay forwards a COMMIT and cuts the connection before the answer.
    case cutAfterCommit
    /// `pg_terminate_backend` of every session of the servers.
    case terminateSessions
    /// SIGKILL of one PostgreSQL backend as it gets a COMMIT.
    case killBackendAtCommit
    /// SIGKILL of a server, which is then started again.
    case killServer
    /// SIGSTOP of a server, and SIGCONT later.
    case pauseServer
    /// SIGKILL of a proxy, which is then started again.
    case killProxy
    /// SIGSTOP of a proxy, and SIGCONT before its requests time out.
    case pauseProxy
    /// A proxy is started again while no server runs, and has but the table on its disk.
    case restartProxyFromDisk
    /// The leader is cut off just as it publishes, until another one leads, and then goes on.
    case staleLeader
    /// `pg_ctl -m immediate stop`, and start.
    case crashPostgres
    /// No byte more fits where PostgreSQL keeps its files.
    case fullDisk
    /// The clock of PostgreSQL jumps, forth and back.
    case clockJump
}

/// A fault that was made, once it had its effect.
package struct FaultRecord: Sendable, Hashable, Codable {
    package var fault: FaultKind
    /// What it hit: `server 1`, `backend 4711`.
    package var target: String
    package var at: RunMoment

    package init(fault: FaultKind, target: String, at: RunMoment) {
        self.fault = fault
        self.target = target
        self.at = at
    }
}
