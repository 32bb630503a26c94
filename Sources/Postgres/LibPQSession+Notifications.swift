internal import CLibPQ
internal import Glibc

extension LibPQSession {
    /// Waits for the next notification of a channel that was listened to; `nil` when the deadline passes first.
    func nextNotification(deadline: ContinuousClock.Instant) throws -> PostgresNotification? {
        while true {
            guard isAlive, PQconsumeInput(connection) == 1 else { throw connectionLost() }
            if let notification = takeNotification() { return notification }
            switch wait(for: POLLIN, deadline: deadline) {
            case .ready: continue
            case .timedOut: return nil
            case .interrupted: throw interruption.isAbandoned ? PostgresError.shutDown : CancellationError()
            }
        }
    }

    private func takeNotification() -> PostgresNotification? {
        guard let pointer = PQnotifies(connection) else { return nil }
        defer { PQfreemem(pointer) }
        return PostgresNotification(
            channel: String(cString: pointer.pointee.relname), payload: String(cString: pointer.pointee.extra))
    }
}
