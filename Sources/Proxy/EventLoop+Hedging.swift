import Splitting

/// Asking another backend while one is slow to answer, where the endpoint's file has it so (`retry.hedgeAfter`).
///
/// A request is with two backends at most: the client's partner, which got it last, and the exchange's rival, which has
/// all of it already and is only listened to. The first good head of an answer decides, and the other connection is
/// closed. Until then whatever befalls one of them is no more than the loss of it: only of the last one is an answer made,
/// or the retry policy asked.
extension EventLoop {
    @inline(__always)
    func hasRival(_ client: Int) -> Bool { state.connections[client].exchange.rival >= 0 }

    /// The backend has had the whole request for the time after which another one is asked as well: once for each
    /// sending, and only if no other has the request. It spends what a retry spends; without that, the wait goes on.
    func hedge(_ client: Int, _ backend: Int, _ route: ServedRoute) {
        state.connections[backend].isOverdue = true
        let (waited, most) = (route.view.hedgeAfterMilliseconds, route.view.perTryTimeoutMilliseconds)
        if most > 0 {
            state.wheel.set(backend, deadline: state.now &+ (max(most, waited) &- waited) &* 1_000_000)
        }
        guard !hasRival(client), hasRoomForHedge, beginRetry(client, route) else { return }
        let sendings = state.connections[client].exchange.sendings
        state.connections[client].exchange.rival = Int32(truncatingIfNeeded: backend)
        state.connections[client].partner = -1
        dispatch(client)
        guard state.connections[client].exchange.sendings != sendings else { return }
        countForArm(client, Counters.Word.hedges)
        if hasRival(client) { state.connections[client].exchange.hedgeSlot = state.connections[client].exchange.slot }
    }

    /// Whether every client could still have one backend if this one had two, and memory is not short.
    private var hasRoomForHedge: Bool {
        state.pressure == .none
            && state.connections.inUse + state.limits.maximumConnections < state.connections.capacity
    }

    /// A good answer begins on a request that another backend got as well, now or before.
    func settle(_ client: Int, _ backend: Int) {
        if hasRival(client) { win(client, backend) }
        guard state.connections[backend].slot == state.connections[client].exchange.hedgeSlot else { return }
        countForArm(client, Counters.Word.hedgesWon)
    }

    /// One of two backends has the client's answer. The other one did nothing wrong, nor anything right.
    func win(_ client: Int, _ backend: Int) {
        if state.connections[client].exchange.rival == Int32(backend) {
            let partner = Int(state.connections[client].partner)
            waitForRival(client)
            drop(partner)
        } else {
            dropRival(client)
        }
    }

    /// One of two backends failed at the request; the other one is waited for.
    func lose(_ client: Int, _ backend: Int) {
        state.slots.noteRequestFailure(Int(state.connections[backend].slot))
        if state.connections[client].exchange.rival == Int32(backend) {
            dropRival(client)
        } else {
            waitForRival(client)
            drop(backend)
        }
    }

    /// No backend has this sending: the one that has an earlier one is waited for, or else the client is answered.
    func giveUp(_ client: Int, with fault: ProxyFault) {
        if hasRival(client) {
            waitForRival(client)
        } else {
            answer(client, with: fault)
        }
    }

    func dropRival(_ client: Int) {
        let rival = Int(state.connections[client].exchange.rival)
        guard rival >= 0 else { return }
        state.connections[client].exchange.rival = -1
        drop(rival)
    }

    /// The earlier sending is the only one again. It was sent whole.
    private func waitForRival(_ client: Int) {
        let rival = state.connections[client].exchange.rival
        state.connections[client].partner = rival
        state.connections[client].exchange.rival = -1
        state.connections[client].exchange.requestSent = state.connections[client].exchange.requestEnd
        state.connections[client].exchange.slot = state.connections[Int(rival)].slot
    }

    private func drop(_ backend: Int) {
        state.connections[backend].partner = -1
        closeBackend(backend)
    }
}
