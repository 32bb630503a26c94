internal import Logging
internal import Synchronization

extension PostgresPool {
    func acquire() async throws -> PostgresConnection {
        let deadline = ContinuousClock.now + configuration.acquireTimeout
        while true {
            try Task.checkCancellation()
            switch try await takeSlot(deadline: deadline) {
            case .connection(let connection):
                if connection.isQuiet { return connection }
                if await connection.confirmAlive() { return connection }
                discard(connection)
            case .permit: return try await open(deadline: deadline)
            }
        }
    }

    func release(_ connection: PostgresConnection) {
        guard connection.condition == .idle else { return discard(connection) }
        switch state.withLock({ $0.giveBack(connection) }) {
        case .handOver(let next): next.resume(returning: .connection(connection))
        case .keep: break
        case .discard: discard(connection)
        }
    }

    private func discard(_ connection: PostgresConnection) {
        // Its last reference goes with the caller's, and closes it; the server rolls back whatever was open.
        logger.debug("postgres connection discarded", metadata: ["condition": "\(connection.condition)"])
        countOut()
    }

    private func countOut() {
        let (next, finished) = state.withLock { $0.countOut() }
        next?.resume(returning: .permit)
        for continuation in finished { continuation.resume() }
    }

    private func open(deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        var backoff = RetryBackoff(first: .milliseconds(20), ceiling: .milliseconds(250))
        do {
            while true {
                let connection = try PostgresConnection(configuration)
                do {
                    try await connection.connect(deadline: deadline)
                    return connection
                } catch let error as PostgresError where error.sqlState == "57P03" {
                    // A server that is starting up says so: it's worth the wait. Others are not.
                    let pause = backoff.next()
                    guard ContinuousClock.now + pause < deadline else { throw error }
                    try await Task.sleep(for: pause)
                }
            }
        } catch {
            countOut()
            throw error
        }
    }

    private func takeSlot(deadline: ContinuousClock.Instant) async throws -> PoolState.Slot {
        switch state.withLock({ $0.ask(configuration) }) {
        case .take(let slot): slot
        case .refuse(let error): throw error
        case .wait: try await waitForSlot(deadline: deadline)
        }
    }

    private func waitForSlot(deadline: ContinuousClock.Instant) async throws -> PoolState.Slot {
        let slot = try await withThrowingTaskGroup(of: PoolState.Slot?.self) { group in
            group.addTask { try await self.wait() }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            if let slot = try await group.next() ?? nil { return Optional(slot) }
            // The time is up; but a slot that was handed over in this very moment must not get lost.
            group.cancelAll()
            return (try? await group.next()) ?? nil
        }
        if let slot { return slot }
        try Task.checkCancellation()
        throw PostgresError(
            .acquireTimedOut,
            "all \(configuration.maximumConnections) connections stayed busy for \(configuration.acquireTimeout)")
    }

    private func wait() async throws -> PoolState.Slot {
        let id = state.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in enlist(id, continuation) }
        } onCancel: {
            state.withLock { $0.removeWaiter(id) }?.resume(throwing: CancellationError())
        }
    }

    /// Asks once more under the lock that adds the waiter: a slot may have become free since the caller was told to wait.
    private func enlist(_ id: UInt64, _ continuation: PoolState.WaiterContinuation) {
        let outcome: Result<PoolState.Slot, any Error>? = state.withLock { state in
            if Task.isCancelled { return .failure(CancellationError()) }
            switch state.ask(configuration) {
            case .take(let slot): return .success(slot)
            case .refuse(let error): return .failure(error)
            case .wait:
                state.addWaiter(id, continuation)
                return nil
            }
        }
        if let outcome { continuation.resume(with: outcome) }
    }
}
