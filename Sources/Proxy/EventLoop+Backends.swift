import CEventLoop
import Glibc
import Splitting

/// Backends' side: connecting, pooling, sending requests.
extension EventLoop {
    // MARK: Dispatching

    /// Sends the client's request to a backend of its variant.
    func dispatch(_ client: Int) {
        guard let route = state.connections[client].exchange.route else { return }
        let limit = route.view.maxConnectionsPerBackend
        let choice = limit == 0 ? chooseBackend(client, route, limit: 0) : takePlace(client, route, limit)
        guard choice >= 0 else {
            giveUp(client, with: faultWithoutBackend(client, route, limit))
            return
        }
        let slot = route.slot(arm: state.connections[client].exchange.arm, choice)
        if choice < 64 { state.connections[client].exchange.tried |= 1 << UInt64(choice) }
        let kept = takeFromPool(slot)
        if kept >= 0 {
            attach(client, kept, holdsPlace: limit > 0)
            _ = sendRequest(client, kept)
        } else {
            connect(client, slot: slot, holdsPlace: limit > 0)
        }
    }

    // MARK: Connecting

    /// - Parameter holdsPlace: The request has a place at the backend, which the connection takes over.
    func connect(_ client: Int, slot: Int, holdsPlace: Bool) {
        let turn = Int(truncatingIfNeeded: nextRandom() >> 8)
        guard let address = state.slots.address(slot, turn: turn) else {
            if holdsPlace { state.slots.leavePlace(slot) }
            connectFailed(client)
            return
        }
        let descriptor = turnout_socket(address.isIPv6 ? AF_INET6 : AF_INET)
        let backend = descriptor >= 0 ? state.connections.allocate() : -1
        guard backend >= 0 else {
            if descriptor >= 0 { close(descriptor) }
            if holdsPlace { state.slots.leavePlace(slot) }
            giveUp(client, with: .overloaded)
            return
        }
        _ = turnout_no_delay(descriptor)
        state.connections[backend].descriptor = descriptor
        state.connections[backend].phase = .connecting
        state.connections[backend].slot = Int32(slot)
        state.wheel.clear(backend)
        state.counters.add(Counters.loopBlock, Counters.LoopWord.backends)
        attach(client, backend, holdsPlace: holdsPlace)
        let result = unsafe address.withSocketAddress { unsafe turnout_connect(descriptor, $0, $1) }
        guard turnout_epoll_add(state.epoll, descriptor, token(backend)) == 0, result == 0 || result == -EINPROGRESS
        else {
            backendFailed(backend)
            return
        }
        if result == 0 {
            connected(backend)
        } else {
            let timeout = min(state.limits.connectTimeout, tryTimeout(client) ?? .max)
            state.wheel.set(backend, deadline: state.now &+ timeout)
        }
    }

    private func attach(_ client: Int, _ backend: Int, holdsPlace: Bool) {
        state.connections[client].partner = Int32(truncatingIfNeeded: backend)
        state.connections[backend].partner = Int32(truncatingIfNeeded: client)
        state.connections[backend].hasAnswered = false
        state.pools[Int(state.connections[backend].slot)].outstanding += 1
        state.connections[backend].holdsPlace = holdsPlace
        state.connections[client].exchange.sendings &+= 1
        state.connections[client].exchange.slot = state.connections[backend].slot
        if state.connections[backend].phase != .connecting {
            state.connections[backend].phase = .active
            startTry(client, backend)
        }
    }

    /// The request has the backend's connection from now on, or is out to it whole.
    @inline(__always)
    func startTry(_ client: Int, _ backend: Int) {
        guard let route = state.connections[client].exchange.route else { return }
        let milliseconds = route.view.patienceMilliseconds
        guard milliseconds > 0 else { return }
        state.connections[backend].isOverdue = false
        state.wheel.set(backend, deadline: state.now &+ UInt64(milliseconds) &* 1_000_000)
    }

    /// The connection has no request any more.
    @inline(__always)
    private func endTry(_ backend: Int, _ slot: Int) {
        state.pools[slot].outstanding -= 1
        guard state.connections[backend].holdsPlace else { return }
        state.connections[backend].holdsPlace = false
        state.slots.leavePlace(slot)
    }

    private func connected(_ backend: Int) {
        state.connections[backend].phase = .active
        state.slots.noteConnectSuccess(Int(state.connections[backend].slot))
        state.wheel.set(backend, deadline: TimerWheel.never)
        let client = Int(state.connections[backend].partner)
        startTry(client, backend)
        _ = sendRequest(client, backend)
    }

    // MARK: Events

    func handleBackend(_ backend: Int, _ flags: Int32) {
        if flags & (EventFlag.input | EventFlag.peerClosed | EventFlag.error | EventFlag.hangUp) != 0 {
            state.connections[backend].readReady = true
            if flags & (EventFlag.peerClosed | EventFlag.hangUp) != 0 { state.connections[backend].peerClosed = true }
        }
        switch state.connections[backend].phase {
        case .connecting:
            guard flags & (EventFlag.output | EventFlag.error | EventFlag.hangUp) != 0 else { return }
            guard turnout_socket_error(state.connections[backend].descriptor) == 0 else {
                backendFailed(backend)
                return
            }
            connected(backend)
        case .pooled:
            // Neither bytes nor an end were asked for.
            if state.connections[backend].readReady { closeBackend(backend) }
            return
        default:
            break
        }
        guard state.connections.isInUse(backend), state.connections[backend].phase == .active else { return }
        let client = Int(state.connections[backend].partner)
        guard client >= 0 else { return }
        let generation = state.connections[client].generation
        // A rival has the whole request: what is left to send is the partner's.
        if flags & EventFlag.output != 0, state.connections[client].partner == Int32(backend),
            !flushBackend(client, backend)
        {
            resume(client, generation)
            return
        }
        if state.connections[backend].readReady { readAnswer(backend) }
        resume(client, generation)
    }

    /// Looks after the client again, if it is still the same one, once its backend has moved.
    private func resume(_ client: Int, _ generation: UInt32) {
        guard state.connections.isCurrent(client, generation: generation) else { return }
        if state.connections[client].inBuffer >= 0 || state.connections[client].readReady { pump(client) }
    }

    /// - Returns: false when the backend's connection is gone.
    private func flushBackend(_ client: Int, _ backend: Int) -> Bool {
        guard state.connections[client].exchange.requestSent == state.connections[client].exchange.requestEnd else {
            guard sendRequest(client, backend) else { return false }
            if state.connections[client].exchange.requestIsDone { startTry(client, backend) }
            return true
        }
        guard flushOutput(backend) >= 0 else {
            backendFailed(backend)
            return false
        }
        return true
    }

    // MARK: Sending

    /// Sends what is left in the request buffer.
    /// - Returns: false when the backend's connection failed.
    func sendRequest(_ client: Int, _ backend: Int) -> Bool {
        let start = Int(state.connections[client].exchange.requestSent)
        let end = Int(state.connections[client].exchange.requestEnd)
        let buffer = state.connections[client].exchange.requestBuffer
        guard start < end, buffer >= 0 else { return true }
        let sent = state.buffers[buffer].view(start, end - start).send(to: state.connections[backend].descriptor)
        guard sent >= 0 else {
            backendFailed(backend)
            return false
        }
        state.connections[client].exchange.requestSent = Int32(start + sent)
        return true
    }

    // MARK: Ending

    func countForArm(_ client: Int, _ word: Int) {
        guard let route = state.connections[client].exchange.route else { return }
        state.counters.add(route.block(arm: state.connections[client].exchange.arm), word)
    }

    /// Lets go of the backends that the client's request is with, if any.
    func detachBackends(_ client: Int) {
        dropRival(client)
        let backend = Int(state.connections[client].partner)
        guard backend >= 0 else { return }
        state.connections[client].partner = -1
        state.connections[backend].partner = -1
        closeBackend(backend)
    }

    func expireBackend(_ backend: Int) {
        switch state.connections[backend].phase {
        case .connecting, .active:
            let client = Int(state.connections[backend].partner)
            let generation = client >= 0 ? state.connections[client].generation : 0
            if state.connections[backend].phase == .active { tryExpired(backend) } else { backendFailed(backend) }
            if client >= 0 { resume(client, generation) }
        case .pooled: closeBackend(backend)
        default: break
        }
    }

    // MARK: Pools

    @inline(__always)
    private func takeFromPool(_ slot: Int) -> Int {
        let backend = Int(state.pools[slot].first)
        guard backend >= 0 else { return -1 }
        unlinkFromPool(backend)
        state.connections[backend].phase = .active
        state.connections[backend].isReused = true
        state.wheel.set(backend, deadline: TimerWheel.never)
        return backend
    }

    /// Keeps a connection for the next request, unless its backend left the table meanwhile.
    @inline(__always)
    func keepBackend(_ backend: Int) {
        let slot = Int(state.connections[backend].slot)
        guard state.slots.isInService(slot),
            state.pools[slot].count < state.limits.maximumIdlePerBackend,
            !state.isDraining || state.clients > 0
        else {
            closeBackend(backend)
            return
        }
        let next = state.pools[slot].first
        state.connections[backend].partner = -1
        state.connections[backend].phase = .pooled
        endTry(backend, slot)
        state.connections[backend].poolNext = next
        state.connections[backend].poolPrevious = -1
        if next >= 0 { state.connections[Int(next)].poolPrevious = Int32(truncatingIfNeeded: backend) }
        state.pools[slot].first = Int32(truncatingIfNeeded: backend)
        state.pools[slot].count += 1
        if slot > state.highestSlot { state.highestSlot = slot }
        state.counters.add(Counters.loopBlock, Counters.LoopWord.idleBackends)
        state.wheel.set(backend, deadline: state.now &+ state.backendIdleTimeout)
    }

    private func unlinkFromPool(_ backend: Int) {
        let slot = Int(state.connections[backend].slot)
        let next = state.connections[backend].poolNext
        let previous = state.connections[backend].poolPrevious
        if previous >= 0 {
            state.connections[Int(previous)].poolNext = next
        } else {
            state.pools[slot].first = next
        }
        if next >= 0 { state.connections[Int(next)].poolPrevious = previous }
        state.pools[slot].count -= 1
        state.counters.add(Counters.loopBlock, Counters.LoopWord.idleBackends, UInt64.max)
    }

    /// Closes and forgets; the client, if any, must have been detached or be looked after by the caller.
    func closeBackend(_ backend: Int) {
        if state.connections[backend].phase == .pooled {
            unlinkFromPool(backend)
        } else {
            endTry(backend, Int(state.connections[backend].slot))
        }
        dropInput(backend)
        dropOutput(backend)
        close(state.connections[backend].descriptor)
        state.wheel.clear(backend)
        state.connections.free(backend)
        state.counters.add(Counters.loopBlock, Counters.LoopWord.backends, UInt64.max)
    }
}
