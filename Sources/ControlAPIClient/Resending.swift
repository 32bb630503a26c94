/// Whether a request whose answer got lost is sent again.
///
/// Harmless for every request of the control API: one that changes something carries an idempotency key, the same each
/// time, so that it has one effect however often it arrives.
package struct Resending: Sendable {
    /// Sendings beyond the first.
    package var attempts: Int
    /// Before the first of them; doubled for each next one.
    package var pause: Duration
    /// Is told in words why and which sending comes next.
    package var notice: @Sendable (String) -> Void

    package init(attempts: Int, pause: Duration, notice: @escaping @Sendable (String) -> Void) {
        self.attempts = attempts
        self.pause = pause
        self.notice = notice
    }

    /// For callers that know better themselves when to ask again.
    package static let never = Resending(attempts: 0, pause: .zero) { _ in }

    /// For a person who waits: six sendings within some ten seconds.
    package static func patiently(notice: @escaping @Sendable (String) -> Void) -> Resending {
        Resending(attempts: 5, pause: .milliseconds(250), notice: notice)
    }

    /// Answers that say nothing of what became of the request.
    static let lostStatuses: Set<Int> = [502, 503, 504]
}
