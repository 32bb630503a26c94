/// Keeps the addresses of names fresh on threads of its own, since asking blocks.
///
/// Each watched name is asked for at once, then every `period`, and sooner when someone says `hurry`. A failed
/// answer is reported and asked again; what to do with the last good one is the receiver's choice.
///
/// Thread-safe. Several threads, so that one name whose server is silent does not hold up the others.
package final class NameResolver: Sendable {
    /// Gives at least one address, the port 0; may block for as long as it likes.
    package typealias Lookup = @Sendable (_ name: String) throws(NameResolverError) -> [SocketAddress]
    /// Called on a resolver's thread; must not block.
    package typealias Receiver = @Sendable (_ name: String, Result<[SocketAddress], NameResolverError>) -> Void

    private struct Name {
        var due: MonotonicTime
        var isBeingAsked = false
        /// Someone hurried while the question was already out: ask once more after it.
        var isAskedAgain = false
        var lastAsked: MonotonicTime?
    }

    private struct State: Sendable {
        var names: [String: Name] = [:]
        /// When each name is due; an entry that no longer agrees with `names` is passed over.
        var queue = DueQueue<String>()
        var isStopped = false
    }

    /// Hurrying asks no more often than this.
    private static let shortestPeriodMilliseconds = 250

    private let mailbox = Mailbox(State())
    private let periodMilliseconds: Int
    private let threadCount: Int

    package init(period: Duration = .seconds(5), threads: Int = 3) {
        let (seconds, attoseconds) = period.components
        periodMilliseconds = max(1, Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        threadCount = max(1, threads)
    }

    /// Starts the threads; called once.
    ///
    /// - Returns: how many threads the system gave.
    package func start(lookup: @escaping Lookup, receiver: @escaping Receiver) -> Int {
        var started = 0
        for _ in 0..<threadCount {
            let mailbox = mailbox
            let period = periodMilliseconds
            // Detached: a thread inside a silent DNS server's time-out can't be hurried, and nobody should wait for
            // it. It holds nothing but the mailbox, and leaves when it sees that it was stopped.
            let handle = OffPathThread.start("turnout-dns") {
                while let name = Self.nextDue(mailbox) {
                    let answer: Result<[SocketAddress], NameResolverError>
                    do throws(NameResolverError) {
                        answer = .success(try lookup(name))
                    } catch {
                        answer = .failure(error)
                    }
                    if Self.finish(name, mailbox, period) { receiver(name, answer) }
                }
            }
            if let handle {
                handle.detach()
                started += 1
            }
        }
        return started
    }

    /// Watches exactly these names from now on.
    package func watch(_ names: Set<String>) {
        let now = MonotonicTime.now()
        mailbox.change { state in
            state.names = state.names.filter { names.contains($0.key) }
            for name in names where state.names[name] == nil {
                state.names[name] = Name(due: now)
                state.queue.push(name, due: now)
            }
        }
    }

    /// Asks for the name again as soon as allowed: connections to its addresses fail.
    package func hurry(_ name: String) {
        let now = MonotonicTime.now()
        mailbox.change { state in
            guard var entry = state.names[name] else { return }
            let earliest = entry.lastAsked?.advanced(milliseconds: Self.shortestPeriodMilliseconds) ?? now
            let due = max(now, earliest)
            if entry.isBeingAsked {
                entry.isAskedAgain = true
            } else if due < entry.due {
                entry.due = due
                state.queue.push(name, due: due)
            }
            state.names[name] = entry
        }
    }

    /// Returns at once; a question that is out is abandoned, and its answer dropped.
    package func stop() {
        mailbox.change { state in
            state.isStopped = true
            state.names = [:]
            state.queue = DueQueue()
        }
    }

    private static func nextDue(_ mailbox: Mailbox<State>) -> String? {
        mailbox.wait { state in
            if state.isStopped { return .done(nil) }
            let now = MonotonicTime.now()
            while let name = state.queue.pop(dueBy: now) {
                guard var entry = state.names[name], !entry.isBeingAsked, entry.due <= now else { continue }
                entry.isBeingAsked = true
                entry.lastAsked = now
                state.names[name] = entry
                return .done(name)
            }
            return .again(state.queue.nextDue ?? .distantFuture)
        }
    }

    /// - Returns: whether anyone still wants the answer.
    private static func finish(_ name: String, _ mailbox: Mailbox<State>, _ period: Int) -> Bool {
        let now = MonotonicTime.now()
        // Waiters must hear of the new time: this thread may be away for long with the next name.
        return mailbox.change { state in
            guard var entry = state.names[name] else { return false }
            entry.isBeingAsked = false
            let wait = entry.isAskedAgain ? shortestPeriodMilliseconds : jittered(period)
            entry.isAskedAgain = false
            entry.due = now.advanced(milliseconds: wait)
            state.names[name] = entry
            state.queue.push(name, due: entry.due)
            return true
        }
    }

    /// 90 to 110 %: a thousand names that came with one table must not be asked for in one burst for ever.
    private static func jittered(_ period: Int) -> Int {
        period - period / 10 + Int.random(in: 0...max(1, period / 5))
    }
}
