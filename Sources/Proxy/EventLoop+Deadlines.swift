import Splitting

/// Until when a request is worth answering: the endpoint's timeout, or less if the client waits less long. Scorers are told
/// what is left of it in `x-request-timeout-ms`, so that they need not finish what nobody waits for.
extension EventLoop {
    /// More than any timeout that a file can give.
    private static let longestMilliseconds: UInt64 = 9_999_999
    private static let timeoutDigits = 7

    /// - Parameter endpoint: The endpoint's timeout in milliseconds, 0 for none.
    func setDeadline(_ client: Int, _ head: MessageHead, endpoint: UInt64) {
        let own = endpoint == 0 ? UInt64.max : endpoint
        let milliseconds = min(own, head.timeoutMilliseconds)
        guard milliseconds != .max else { return }
        state.connections[client].exchange.isClientsDeadline = head.timeoutMilliseconds < own
        state.connections[client].exchange.deadline =
            state.connections[client].exchange.startedAt &+ min(milliseconds, Self.longestMilliseconds) &* 1_000_000
    }

    /// What a request is answered whose time is over.
    func expiryFault(_ client: Int) -> ProxyFault {
        let backend = Int(state.connections[client].partner)
        // A body that stopped because the backend takes no more is not the client's fault.
        if !state.connections[client].exchange.requestIsDone, backend >= 0,
            state.connections[backend].phase == .active, !isBacklogged(client, backend)
        {
            return .requestTimeout
        }
        return state.connections[client].exchange.isClientsDeadline ? .deadlineExceeded : .timeout
    }

    /// Ends the line before, and adds the time that is left, without the end of its own line.
    func putTimeout(_ client: Int, into memory: Memory, at offset: Int) -> Int {
        guard state.connections[client].exchange.deadline != TimerWheel.never else { return offset }
        let at = memory.put("\r\nx-request-timeout-ms: ", at: offset)
        state.connections[client].exchange.timeoutStart = Int32(truncatingIfNeeded: at)
        putMilliseconds(client, into: memory, at: at)
        return at + Self.timeoutDigits
    }

    /// Before a request is sent again: less time is left.
    func renewTimeout(_ client: Int) {
        let start = Int(state.connections[client].exchange.timeoutStart)
        guard start >= 0 else { return }
        putMilliseconds(client, into: state.buffers[state.connections[client].exchange.requestBuffer], at: start)
    }

    /// Always as many bytes, so that it can be renewed in place: blanks after a value do not belong to it.
    private func putMilliseconds(_ client: Int, into memory: Memory, at offset: Int) {
        let deadline = state.connections[client].exchange.deadline
        let left = deadline > state.now ? (deadline - state.now) / 1_000_000 : 0
        var at = memory.put(decimal: min(max(left, 1), Self.longestMilliseconds), at: offset)
        while at < offset + Self.timeoutDigits {
            memory[at] = 0x20
            at += 1
        }
    }
}
