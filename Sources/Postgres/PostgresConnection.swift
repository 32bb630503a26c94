internal import CLibPQ
internal import Glibc
internal import Synchronization

/// One connection to the server. It runs on a thread of its own, so that waiting for the server blocks nobody else; calls
/// are served one after the other. Got from `PostgresPool.withConnection`.
package actor PostgresConnection {
    /// What the pool must know about a connection without asking its thread.
    enum Condition: UInt8 {
        case idle, inTransaction, broken
    }

    private nonisolated let executor: ThreadExecutor
    private nonisolated let interruption: Interruption
    private nonisolated let conditionValue = Atomic<UInt8>(Condition.broken.rawValue)
    private nonisolated let socket = Atomic<Int32>(-1)
    nonisolated let configuration: PostgresConfiguration
    private var session: LibPQSession?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts the thread; `connect` must follow.
    package init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        interruption = try Interruption()
        executor = try ThreadExecutor()
    }

    deinit { executor.stop() }

    /// Opens the connection, within `connectTimeout` and the deadline.
    package func connect(deadline: ContinuousClock.Instant? = nil) async throws {
        let deadline = deadline ?? .now + configuration.connectTimeout
        session = try await interruptible {
            try LibPQSession(self.configuration, interruption: self.interruption, deadline: deadline)
        }
        noteCondition()
    }

    /// Closes the connection; every later call throws.
    package func close() {
        session = nil
        noteCondition()
    }

    /// Runs a statement on the connection's thread. The closure blocks; a cancelled task interrupts it.
    func perform<Value>(
        isInterruptible: Bool = true, _ work: (LibPQSession) throws -> Value
    ) async throws -> Value {
        guard let session else { throw PostgresError(.connectionLost, "the connection is closed") }
        defer { noteCondition() }
        guard isInterruptible else {
            _ = interruption.begin()
            defer { interruption.end() }
            return try blocking { try work(session) }
        }
        return try await interruptible { try work(session) }
    }

    private func interruptible<Value>(_ work: () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let ticket = interruption.begin()
        defer { interruption.end() }
        return try await withTaskCancellationHandler {
            try blocking(work)
        } onCancel: {
            interruption.interrupt(ticket)
        }
    }

    /// Calling a method of ours is what ties the closure above to our thread; otherwise it would block one of Swift's.
    private func blocking<Value>(_ work: () throws -> Value) throws -> Value {
        preconditionIsolated()
        return try work()
    }

    private func noteCondition() {
        let condition: Condition
        if let session, session.isAlive {
            condition = session.transactionStatus == PQTRANS_IDLE ? .idle : .inTransaction
            socket.store(PQsocket(session.connection), ordering: .releasing)
        } else {
            condition = .broken
        }
        conditionValue.store(condition.rawValue, ordering: .releasing)
    }

    nonisolated var condition: Condition {
        Condition(rawValue: conditionValue.load(ordering: .acquiring)) ?? .broken
    }

    /// Whether nothing has arrived on an idle connection. A server that went away leaves an end-of-file behind, which is
    /// found here for the price of one system call instead of by the caller's statement.
    nonisolated var isQuiet: Bool {
        var descriptor = pollfd(fd: socket.load(ordering: .acquiring), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 0
    }

    /// Reads what has arrived on an idle connection, and says whether the connection is still good.
    func confirmAlive() -> Bool {
        guard let session else { return false }
        if PQconsumeInput(session.connection) == 0 { session.isBroken = true }
        noteCondition()
        return condition == .idle && isQuiet
    }

    /// Makes the running and every later call throw `.shutDown`, from any thread, at once.
    nonisolated func abandon() { interruption.abandon() }
}
