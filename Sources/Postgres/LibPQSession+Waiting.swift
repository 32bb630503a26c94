internal import CLibPQ
internal import Glibc

extension LibPQSession {
    enum Wait { case ready, timedOut, interrupted }

    /// Why a running statement was cancelled; at most one reason a statement.
    private enum Reason { case timedOut, interrupted }

    /// Waits on the socket and on the interruption. The socket is asked for each time: connecting may change it.
    func wait(for events: Int32, deadline: ContinuousClock.Instant) -> Wait {
        while true {
            var descriptors = [
                pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0),
                pollfd(fd: interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let remaining = (deadline - .now).milliseconds
            guard remaining > 0 else { return .timedOut }
            let count = poll(&descriptors, 2, Int32(clamping: remaining))
            if count < 0 && errno == EINTR { continue }
            if descriptors[1].revents != 0 { return .interrupted }
            if count != 0 { return .ready }
        }
    }

    /// Sends what is buffered and reads until the server is ready again. Cancels the statement at the deadline or when
    /// interrupted, and then tells the truth about what became of it: a result that came all the same is returned.
    func finishStatement(deadline: ContinuousClock.Instant) throws -> PostgresResult? {
        var limit = deadline
        var reason: Reason?
        var last: PostgresResult?
        var failure: PostgresError?
        while true {
            while needsWaiting {
                let outcome = wait(for: PQflush(connection) == 1 ? POLLIN | POLLOUT : POLLIN, deadline: limit)
                if outcome == .ready {
                    // A failure shows in PQgetResult, with the server's last words if there were any.
                    _ = PQconsumeInput(connection)
                    continue
                }
                try checkMayDrain(reason)
                reason = outcome == .timedOut ? .timedOut : .interrupted
                limit = .now + Self.drainTimeout
                interruption.acknowledge()
                cancelStatement()
            }
            guard let pointer = PQgetResult(connection) else { break }
            let result = PostgresResult(pointer)
            if let error = result.error { failure = failure ?? error } else { last = result }
            try refuseCopy(result)
        }
        try throwFailure(failure, reason: reason)
        return last
    }

    private var needsWaiting: Bool {
        PQflush(connection) >= 0 && PQstatus(connection) == CONNECTION_OK && PQisBusy(connection) == 1
    }

    /// Throws when the statement was cancelled before and still hasn't ended, or when the session is not wanted any more.
    private func checkMayDrain(_ reason: Reason?) throws {
        guard interruption.isAbandoned || reason != nil else { return }
        isBroken = true
        if interruption.isAbandoned { throw PostgresError.shutDown }
        throw reason == .interrupted ? CancellationError() : statementTimeout()
    }

    private func throwFailure(_ failure: PostgresError?, reason: Reason?) throws {
        if PQstatus(connection) != CONNECTION_OK {
            isBroken = true
            throw connectionLost(failure)
        }
        guard let failure else { return }
        // 57014 without a reason of ours is somebody else's pg_cancel_backend or the server's own statement_timeout.
        switch reason {
        case .timedOut where failure.sqlState == "57014": throw statementTimeout()
        case .interrupted where failure.sqlState == "57014": throw CancellationError()
        default: throw failure
        }
    }

    /// Blocks this thread until the server has seen the request, or for as long as TCP lets it.
    private func cancelStatement() {
        guard let request = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        // A failure needs no care: the drain's limit ends the wait then.
        _ = PQcancel(request, &message, Int32(message.count))
    }

    private func refuseCopy(_ result: PostgresResult) throws(PostgresError) {
        switch result.status {
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            isBroken = true
            throw PostgresError(.refused, "COPY is not supported")
        default: break
        }
    }

    private func statementTimeout() -> PostgresError {
        PostgresError(.statementTimedOut, "the statement's deadline passed", sqlState: "57014")
    }

    func connectionLost(_ cause: PostgresError? = nil) -> PostgresError {
        PostgresError(.connectionLost, cause?.message ?? errorMessage, sqlState: cause?.sqlState)
    }
}
