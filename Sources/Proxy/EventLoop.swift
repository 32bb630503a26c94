import CEventLoop
import Glibc
import Splitting

extension EventLoop {
    private static let wakeToken = UInt64.max
    /// From here on a listener's descriptor is in the lower 31 bits; no connection's index is as high.
    private static let listenerTokens: UInt64 = 0xffff_ffff_8000_0000
    private static let eventsPerTurn = 256
    static let acceptsPerTurn = 64
    private static let acceptPauseMilliseconds: Int32 = 100

    /// Serves until told to stop. Called once, on the loop's own thread.
    func run() {
        watchListeners()
        precondition(turnout_epoll_add_level(state.epoll, state.wake, Self.wakeToken) == 0)
        let events = EventList(capacity: Self.eventsPerTurn)
        defer { events.deallocate() }
        if state.signals.tableBits != 0 { adoptTable() }
        while true {
            let timeout = millisecondsToNext()
            state.signals.setBusy(loop: state.index, since: 0)
            let count = events.wait(on: state.epoll, milliseconds: timeout)
            state.now = turnout_monotonic_nanoseconds()
            state.signals.setBusy(loop: state.index, since: state.now)
            if state.signals.tableBits != state.tableBits { adoptTable() }
            if state.signals.pressure != state.pressure { adoptPressure() }
            for index in 0..<max(count, 0) { dropIfIdle(token: events.token(index), flags: events.flags(index)) }
            for index in 0..<max(count, 0) {
                handle(token: events.token(index), flags: events.flags(index))
                if state.kept > state.keepsBeforeLook { lookAtMemory() }
            }
            expireTimers()
            if state.acceptsAgainAt != 0 { acceptAgainWhenDue() }
            if state.isSaving { save() }
            if count < Self.eventsPerTurn, !obeyCommand() { break }
        }
        closeEverything()
    }

    /// The connection that an event is about, or -1 when it is gone.
    @inline(__always)
    private func connection(_ token: UInt64) -> Int {
        let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
        return state.connections.isCurrent(index, generation: UInt32(truncatingIfNeeded: token >> 32)) ? index : -1
    }

    /// What a scorer says on an idle connection, nobody asked for: the connection goes before a request of the same turn
    /// is sent there and takes it for its answer.
    @inline(__always)
    private func dropIfIdle(token: UInt64, flags: Int32) {
        guard token < Self.wakeToken else { return }
        let index = connection(token)
        guard index >= 0, state.connections[index].phase == .pooled else { return }
        handleBackend(index, flags)
    }

    @inline(__always)
    private func handle(token: UInt64, flags: Int32) {
        if token >= Self.listenerTokens {
            if token == Self.wakeToken {
                turnout_eventfd_clear(state.wake)
            } else {
                acceptClients(from: Int32(truncatingIfNeeded: token & 0x7fff_ffff))
            }
            return
        }
        let index = connection(token)
        guard index >= 0 else { return }
        if state.connections[index].isBackend {
            handleBackend(index, flags)
        } else {
            handleClient(index, flags)
        }
    }

    func token(_ index: Int) -> UInt64 {
        UInt64(state.connections[index].generation) << 32 | UInt64(truncatingIfNeeded: index)
    }

    // MARK: Commands

    /// - Returns: whether the loop goes on.
    private func obeyCommand() -> Bool {
        switch state.signals.command {
        case .run:
            return true
        case .drain, .handOver:
            if !state.isDraining { beginDrain(takesWaiting: state.signals.command == .drain) }
            if state.clients == 0 { state.signals.setDrained(loop: state.index) }
            return true
        case .stop:
            return false
        }
    }

    /// Stops accepting. Clients without a request may still be sending one: they keep their connection for a while.
    ///
    /// - Parameter takesWaiting: Whether connections that the kernel has taken are accepted first: nobody else will, and
    ///   closing the listener resets them.
    private func beginDrain(takesWaiting: Bool) {
        state.isDraining = true
        state.closesAfterAnswer = true
        for listener in state.listeners where takesWaiting {
            // Not for ever: as many as may have waited when this began.
            var left = ListeningSocket.backlog
            while left > 0, acceptClients(from: listener) { left -= Self.acceptsPerTurn }
        }
        closeListeners()
        hurryIdleClients()
    }

    private func watchListeners() {
        for listener in state.listeners {
            let token = Self.listenerTokens | UInt64(listener)
            precondition(turnout_epoll_add_level(state.epoll, listener, token) == 0)
        }
    }

    /// The listener stays readable while a connection waits that no descriptor is left for: not to spin, it is left
    /// alone for a while.
    func pauseAccepting() {
        guard state.acceptsAgainAt == 0 else { return }
        for listener in state.listeners { _ = turnout_epoll_remove(state.epoll, listener) }
        state.acceptsAgainAt = state.now &+ UInt64(Self.acceptPauseMilliseconds) * 1_000_000
    }

    private func acceptAgainWhenDue() {
        guard state.now >= state.acceptsAgainAt else { return }
        state.acceptsAgainAt = 0
        watchListeners()
    }

    /// What waits there is reset, unless another process has the listener too: then it is that one's alone.
    private func closeListeners() {
        for listener in state.listeners {
            _ = turnout_epoll_remove(state.epoll, listener)
            close(listener)
        }
        state.listeners = []
    }

    private func closeEverything() {
        closeListeners()
        for index in 0..<state.connections.highWater where state.connections.isInUse(index) {
            close(state.connections[index].descriptor)
            if state.connections[index].phase == .exchange || state.connections[index].phase == .flushing {
                noteUnanswered(index, .stopped)
            }
            if state.connections[index].exchange.table != nil, !state.connections[index].isBackend {
                endTableUse(index)
            }
        }
        for word in [Counters.LoopWord.clients, Counters.LoopWord.backends, Counters.LoopWord.idleBackends] {
            state.counters.store(Counters.loopBlock, word, 0)
        }
        state.signals.setDrained(loop: state.index)
    }

    // MARK: Tables

    /// Takes the published table for all requests from now on; those in flight finish on the one they began with.
    private func adoptTable() {
        let bits = state.signals.tableBits
        guard let table = unsafe ServedTable(bits: bits) else { return }
        state.tableBits = bits
        state.table = table
        closePooled { !state.slots.isInService($0) }
        state.signals.acknowledge(loop: state.index, sequence: table.sequence)
    }

    /// Closes the idle connections to the backends of some slots.
    func closePooled(where isChosen: (_ slot: Int) -> Bool) {
        var slot = 0
        while slot <= state.highestSlot {
            while state.pools[slot].first >= 0, isChosen(slot) { closeBackend(Int(state.pools[slot].first)) }
            slot += 1
        }
    }

    func endTableUse(_ client: Int) {
        leave(client)
        state.connections[client].exchange.table?.endRequest(loop: state.index)
        state.connections[client].exchange.table = nil
    }

    // MARK: Time

    /// How long to wait for events at most; -1 for ever.
    private func millisecondsToNext() -> Int32 {
        if state.hasStaleBuffers { return 0 }
        let timeout = state.wheel.millisecondsToNext(now: state.now)
        guard state.acceptsAgainAt != 0 else { return timeout }
        return timeout < 0 ? Self.acceptPauseMilliseconds : min(timeout, Self.acceptPauseMilliseconds)
    }

    private func expireTimers() {
        while true {
            let index = state.wheel.nextExpired(now: state.now)
            guard index >= 0 else { return }
            guard state.connections.isInUse(index) else { continue }
            if state.connections[index].isBackend { expireBackend(index) } else { expireClient(index) }
        }
    }

    /// xorshift64*: for choices without a key, nothing secret.
    @inline(__always)
    func nextRandom() -> UInt64 {
        state.random ^= state.random >> 12
        state.random ^= state.random << 25
        state.random ^= state.random >> 27
        return state.random &* 0x2545_f491_4f6c_dd1d
    }
}
