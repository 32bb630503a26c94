import CEventLoop
import Glibc
import Splitting

/// Sending a request again.
///
/// A scorer may see a request twice only where the endpoint's file says so (`retry.on` beyond `connect`, `perTryTimeout`,
/// `hedgeAfter`) or where the method is idempotent. Else it is sent again only if the scorer can't have read a byte of the first
/// sending; and in no case once anything of an answer has come.
extension EventLoop {
    /// The connection broke, or was never made, before the answer was complete.
    ///
    /// - Parameter sawEnd: The backend closed its side in order, not by a reset.
    func backendFailed(_ backend: Int, sawEnd: Bool = false) {
        let client = Int(state.connections[backend].partner)
        if client >= 0, state.connections[client].exchange.rival == Int32(backend) {
            // Kept or not, it had the request for long enough to say more than that.
            lose(client, backend)
            return
        }
        let wasConnecting = state.connections[backend].phase == .connecting
        let slot = Int(state.connections[backend].slot)
        let hasAnswered = state.connections[backend].hasAnswered
        let isStale = state.connections[backend].isReused && !hasAnswered
        let isUnread = client >= 0 && !wasConnecting && !hasAnswered && isUnread(client, backend, sawEnd: sawEnd)
        closeBackend(backend)
        guard client >= 0 else { return }
        state.connections[client].partner = -1
        if wasConnecting {
            state.slots.noteConnectFailure(slot)
            countForArm(client, Counters.Word.connectFailures)
            connectFailed(client)
            return
        }
        guard let route = state.connections[client].exchange.route else { return }
        let mayBeSeenTwice = isUnread || route.view.retriesOnReset
        if isStale, mayBeSeenTwice || isIdempotent(client), rewind(client) {
            countForArm(client, Counters.Word.staleConnections)
            connectAgain(client, route, slot)
            return
        }
        state.slots.noteRequestFailure(slot)
        retryElsewhere(client, !hasAnswered && mayBeSeenTwice, or: .backendClosed)
    }

    /// No backend saw anything of this sending.
    func connectFailed(_ client: Int) {
        guard let route = state.connections[client].exchange.route else { return }
        retryElsewhere(client, route.view.retriesOnConnect, or: .connectFailed)
    }

    /// Nothing of an answer came in the time until another backend is asked as well, or in the time for each try: then
    /// another one is asked instead if that is possible. If not, the answer may still come.
    func tryExpired(_ backend: Int) {
        let client = Int(state.connections[backend].partner)
        guard client >= 0, !state.connections[backend].hasAnswered,
            let route = state.connections[client].exchange.route
        else { return }
        let isRival = state.connections[client].exchange.rival == Int32(backend)
        guard isRival || (state.connections[client].exchange.requestIsDone && !isBacklogged(client, backend)) else {
            // The time counts from the request's end.
            startTry(client, backend)
            return
        }
        if route.view.hedgeAfterMilliseconds > 0, !state.connections[backend].isOverdue {
            hedge(client, backend, route)
            return
        }
        if hasRival(client) {
            lose(client, backend)
            return
        }
        guard beginRetry(client, route) else { return }
        state.slots.noteRequestFailure(Int(state.connections[backend].slot))
        detachBackends(client)
        dispatch(client)
    }

    /// Nanoseconds for each try; `nil` where the endpoint does not bound them.
    func tryTimeout(_ client: Int) -> UInt64? {
        guard let route = state.connections[client].exchange.route else { return nil }
        let milliseconds = route.view.perTryTimeoutMilliseconds
        return milliseconds == 0 ? nil : milliseconds &* 1_000_000
    }

    /// Whether bytes of the request wait for the backend to take them.
    func isBacklogged(_ client: Int, _ backend: Int) -> Bool {
        state.connections[backend].outBuffer >= 0
            || state.connections[client].exchange.requestSent < state.connections[client].exchange.requestEnd
    }

    // MARK: What the scorer may have seen

    /// Whether the backend can't have read a byte of this sending: nothing was sent, or its end of the connection was
    /// closed before our first byte reached its kernel. After a reset nobody can tell.
    private func isUnread(_ client: Int, _ backend: Int, sawEnd: Bool) -> Bool {
        let exchange = state.connections[client].exchange
        let sent = exchange.requestSent - exchange.idCount
        if sent == 0 { return true }
        return sawEnd && exchange.isKept && turnout_unacknowledged(state.connections[backend].descriptor) >= sent
    }

    /// By RFC 9110 §9.2.2. The request buffer holds the method after the id.
    private func isIdempotent(_ client: Int) -> Bool {
        let exchange = state.connections[client].exchange
        guard exchange.isKept, exchange.requestBuffer >= 0 else { return false }
        let start = Int(exchange.idCount)
        let text = state.buffers[exchange.requestBuffer].view(start, Int(exchange.requestEnd) - start)
        for method in ["GET ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "TRACE "] as [StaticString] {
            let bytes = Bytes(method)
            if text.count >= bytes.count, text.slice(0, bytes.count).equals(bytes) { return true }
        }
        return false
    }

    // MARK: Sending again

    /// Replaces a kept connection that was closed meanwhile: no retry, since the backend is not to blame.
    private func connectAgain(_ client: Int, _ route: ServedRoute, _ slot: Int) {
        let limit = route.view.maxConnectionsPerBackend
        guard limit == 0 || state.slots.takePlace(slot, limit: limit) else {
            giveUp(client, with: .backendsBusy)
            return
        }
        connect(client, slot: slot, holdsPlace: limit > 0)
    }

    /// Makes the request ready to be sent from its beginning, if all of it is still here. The backend that it is with must
    /// be lost or become the rival: else it would be sent again there.
    func rewind(_ client: Int) -> Bool {
        guard isAtHand(client) else { return false }
        state.connections[client].exchange.requestSent = state.connections[client].exchange.idCount
        renewTimeout(client)
        return true
    }

    /// Whether all of the request is still here, and nothing of an answer is out.
    private func isAtHand(_ client: Int) -> Bool {
        state.connections[client].exchange.isKept && state.connections[client].exchange.requestBuffer >= 0
            && !state.connections[client].exchange.answerHasBegun
    }

    /// Waits for the other backend that has the request, or tries another one of the variant if the endpoint's policy
    /// allows; otherwise answers.
    private func retryElsewhere(_ client: Int, _ isAllowed: Bool, or fault: ProxyFault) {
        guard !hasRival(client), isAllowed, let route = state.connections[client].exchange.route,
            beginRetry(client, route)
        else {
            giveUp(client, with: fault)
            return
        }
        dispatch(client)
    }

    /// Spends an attempt and a piece of the budget, if there is another backend to try.
    func beginRetry(_ client: Int, _ route: ServedRoute) -> Bool {
        let limit = route.view.maxConnectionsPerBackend
        guard Int(state.connections[client].exchange.attempts) < route.view.retryAttempts,
            hasUntried(client, route, limit: limit), isAtHand(client), spendRetry(route), rewind(client)
        else { return false }
        state.connections[client].exchange.attempts += 1
        countForArm(client, Counters.Word.retries)
        return true
    }

    /// Whether a backend is ready, was not tried, and has room.
    func hasUntried(_ client: Int, _ route: ServedRoute, limit: Int) -> Bool {
        let arm = state.connections[client].exchange.arm
        for choice in 0..<route.view.backendCount(arm)
        where choice >= 64 || state.connections[client].exchange.tried & (1 << UInt64(choice)) == 0 {
            let slot = route.slot(arm: arm, choice)
            if state.slots.isReady(slot), limit == 0 || state.slots.places(slot) < limit { return true }
        }
        return false
    }
}

/// How many retries an endpoint has left on a loop. Kept as what was spent and not yet earned back, so that zeroed
/// memory means a full bucket.
extension EventLoop {
    /// A retry costs 10,000 ten-thousandths of a request.
    private static let retryCost: UInt64 = 10_000
    /// Ten retries may come at once, however few requests there are.
    private static let retryBurst: UInt64 = 100_000

    /// Each request earns the endpoint its share of a retry.
    @inline(__always)
    func earnRetry(_ route: ServedRoute) {
        let block = route.block
        let spent = state.counters.load(block, Counters.Word.budget)
        guard spent > 0 else { return }
        let earned = min(spent, UInt64(route.view.retryBudget))
        state.counters.store(block, Counters.Word.budget, spent - earned)
    }

    private func spendRetry(_ route: ServedRoute) -> Bool {
        let block = route.block
        let spent = state.counters.load(block, Counters.Word.budget)
        guard route.view.retryBudget > 0, spent + Self.retryCost <= Self.retryBurst else { return false }
        state.counters.store(block, Counters.Word.budget, spent + Self.retryCost)
        return true
    }
}
