import Synchronization

/// What a relay does once a server is about to run a certain statement.
final class RelayTrap: Sendable {
    enum Action: Sendable {
        /// The connection is cut, and the statement never arrives.
        case cutBefore
        /// The statement arrives, and the connection is cut before its answer.
        case cutAfter
        /// The statement arrives at a backend that is killed.
        case killBackend
        /// Nothing passes the relay any more, this statement first of all, until it is thawed.
        case freeze
    }

    let action: Action
    private let matches: @Sendable (RelayedStatement) -> Bool
    private let victim = Mutex<String?>(nil)

    init(_ action: Action, when matches: @escaping @Sendable (RelayedStatement) -> Bool) {
        self.action = action
        self.matches = matches
    }

    /// What it hit; `nil` while it waits.
    var hit: String? { victim.withLock { $0 } }

    /// - Returns: whether this statement, and no earlier one, springs it.
    func springs(on statement: RelayedStatement, from connection: String) -> Bool {
        guard matches(statement) else { return false }
        return victim.withLock { victim in
            guard victim == nil else { return false }
            victim = connection
            return true
        }
    }
}
