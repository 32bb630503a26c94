import Splitting

/// How many requests an endpoint may have at one time, at this proxy and at each backend. What is more is answered 503 at
/// once: nothing waits in a queue, so that what a dead scorer holds is bounded by its own endpoint's limit.
extension EventLoop {
    /// Counts a request in, if there is room; `endTableUse` counts it out.
    func admit(_ client: Int, _ route: ServedRoute) -> Bool {
        let block = route.block
        let limit = route.view.maxConcurrency
        if limit > 0 {
            guard state.admissions.enter(block, limit: limit) else { return false }
            state.connections[client].exchange.isLimited = true
        } else if state.counters.load(block, Counters.Word.inFlight) >= state.limits.maximumConcurrency {
            return false
        }
        state.connections[client].exchange.isAdmitted = true
        state.counters.add(block, Counters.Word.inFlight)
        return true
    }

    func leave(_ client: Int) {
        guard state.connections[client].exchange.isAdmitted, let route = state.connections[client].exchange.route
        else { return }
        state.connections[client].exchange.isAdmitted = false
        let block = route.block
        state.counters.add(block, Counters.Word.inFlight, UInt64.max)
        guard state.connections[client].exchange.isLimited else { return }
        state.connections[client].exchange.isLimited = false
        state.admissions.leave(block)
    }

    /// Chooses a backend with room and takes a place there, which a connection then holds.
    /// - Returns: as `chooseBackend`.
    func takePlace(_ client: Int, _ route: ServedRoute, _ limit: Int) -> Int {
        let arm = state.connections[client].exchange.arm
        // Another thread may take the last place between the choice and the taking; not often in a row.
        for _ in 0..<4 {
            let choice = chooseBackend(client, route, limit: limit)
            guard choice >= 0 else { return -1 }
            if state.slots.takePlace(route.slot(arm: arm, choice), limit: limit) {
                return choice
            }
        }
        return -1
    }

    /// What is to be answered when no backend could be chosen.
    func faultWithoutBackend(_ client: Int, _ route: ServedRoute, _ limit: Int) -> ProxyFault {
        if limit > 0, hasUntried(client, route, limit: 0) { return .backendsBusy }
        return state.connections[client].exchange.tried != 0 ? .connectFailed : .noHealthyBackend
    }
}
