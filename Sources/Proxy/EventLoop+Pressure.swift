import CEventLoop

/// What a loop does when memory gets short, and when there is enough again.
extension EventLoop {
    /// So many that a turn with them is still a short one.
    private static let buffersPerTurn = 256
    private static let backendIdleWhenShort: UInt64 = 1_000_000_000
    /// What memory was short for may end later than the shortage itself.
    private static let savesFor: UInt64 = 5_000_000_000

    /// What is answered where something can't be kept.
    var faultWithoutRoom: ProxyFault { state.isShedding ? .memoryPressure : .overloaded }

    /// Counts bytes that were put where they stay, and the rest of their pages.
    @inline(__always)
    func noteKept(_ bytes: Int) { state.kept &+= bytes &+ 4095 }

    /// What was kept since the last look may have used up what was left then: the watch may look too late.
    func lookAtMemory() {
        let memory = state.memory
        let bytes = memory.bytes()
        let last = state.signals.pressure
        let pressure = last.next(bytes: bytes, limit: memory.limit)
        if pressure > last {
            state.signals.publish(pressure)
            turnout_eventfd_signal(memory.alarm)
        }
        state.kept = 0
        state.keepsBeforeLook = memory.allowance(holding: bytes)
        if state.signals.pressure != state.pressure { adoptPressure() }
    }

    /// Does from now on as the published pressure asks.
    func adoptPressure() {
        let last = state.pressure
        let pressure = state.signals.pressure
        state.pressure = pressure
        state.keepsBeforeLook = 0
        state.isShedding = pressure >= .shedding
        state.closesAfterAnswer = state.isDraining || pressure >= .draining
        state.bodyBytesAtOnce = state.isShedding ? LoopState.receiveBytesWhenShort : LoopState.receiveBytes
        if last == .none { beginSaving() }
        if pressure == .none { state.savesUntil = state.now &+ Self.savesFor }
        // Requests in progress get a buffer only when another gives one back.
        if pressure == .exhausted { state.buffers.close() } else { state.buffers.open() }
        if last < .shedding, state.isShedding { refusePartialHeads() }
    }

    private func beginSaving() {
        state.savesUntil = 0
        state.isSaving = true
        state.backendIdleTimeout = min(state.limits.backendIdleTimeout, Self.backendIdleWhenShort)
        closePooled { _ in true }
        hurryIdleClients()
    }

    /// What was freed, in this turn or before memory was short, goes back to the kernel.
    func save() {
        state.hasStaleBuffers = state.buffers.giveBack(Self.buffersPerTurn)
        guard state.savesUntil != 0, state.now >= state.savesUntil else { return }
        state.savesUntil = 0
        state.isSaving = false
        state.hasStaleBuffers = false
        state.backendIdleTimeout = state.limits.backendIdleTimeout
    }

    /// Clients without a request may still be sending one: they keep their connection for a while.
    func hurryIdleClients() {
        for index in 0..<state.connections.highWater where state.connections.isInUse(index) {
            if state.connections[index].phase == .idle { awaitRequest(index) }
        }
    }

    /// Each has a buffer, and waits for bytes that would be refused.
    private func refusePartialHeads() {
        for index in 0..<state.connections.highWater where state.connections.isInUse(index) {
            if state.connections[index].phase == .head { refusePartialHead(index, with: .memoryPressure) }
        }
    }
}
