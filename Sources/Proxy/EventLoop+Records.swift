/// Writing down what became of a request, where somebody wants to know: of most, nobody does.
extension EventLoop {
    /// Begins an exchange, and decides whether it is one of those that the access log is to show.
    @inline(__always)
    func beginSampled(_ client: Int, _ exchange: Exchange) {
        state.connections[client].exchange = exchange
        if state.sampling.take(&state.traceIDs) { state.connections[client].exchange.isSampled = true }
    }

    /// An exchange that is over before its request was understood.
    func beginRefused(_ client: Int, since start: UInt64) {
        var exchange = Exchange()
        exchange.startedAt = start
        exchange.closes = true
        beginSampled(client, exchange)
        state.connections[client].phase = .exchange
    }

    /// The client has its whole answer.
    @inline(__always)
    func noteAnswered(_ client: Int) {
        let elapsed = state.now &- state.connections[client].exchange.startedAt
        let isFailed = state.connections[client].exchange.status >= 500
        guard elapsed >= state.limits.slowRequest || state.connections[client].exchange.isSampled || isFailed else {
            return
        }
        note(client, elapsed, isFailed: isFailed, state.connections[client].exchange.end)
    }

    /// The client got no answer, or a part of one.
    func noteUnanswered(_ client: Int, _ end: RequestEnd) {
        let elapsed = state.now &- state.connections[client].exchange.startedAt
        note(client, elapsed, isFailed: end != .clientClosed, end)
    }

    private func note(_ client: Int, _ elapsed: UInt64, isFailed: Bool, _ end: RequestEnd) {
        let exchange = state.connections[client].exchange
        var record = RequestRecord()
        record.isSlow = elapsed >= state.limits.slowRequest
        record.isLogged = exchange.isSampled || (isFailed && state.limits.logsFailures)
        if let route = exchange.route {
            record.block = Int32(truncatingIfNeeded: exchange.arm >= 0 ? route.block(arm: exchange.arm) : route.block)
            if record.isSlow { state.counters.add(Int(record.block), Counters.Word.slowRequests) }
        }
        guard record.isSlow || record.isLogged else { return }
        record.finishedAt = state.now
        record.nanoseconds = elapsed
        record.trace = exchange.trace
        record.requestBytes = exchange.requestBytes
        record.answerBytes = exchange.answerBytes
        record.method = exchange.method
        record.slot = exchange.slot
        record.status = UInt16(truncatingIfNeeded: exchange.answerHasBegun ? exchange.status : 0)
        if exchange.isOwnAnswer, let fault = exchange.end.fault { record.status = fault.statusCode }
        record.end = end
        record.reason = exchange.reason
        record.sendings = exchange.sendings
        let id = exchange.idIsTrace ? state.requestIDs.view(0, 0) : keptID(client, Int(exchange.idCount))
        if !state.records.write(record, id: id), record.isLogged {
            state.counters.add(Counters.loopBlock, Counters.LoopWord.unlogged)
        }
    }

    // MARK: Ids

    /// Remembers an id beyond the request buffer, which goes back when the answer begins. One that is the trace's need
    /// not be.
    func keepID(_ client: Int, _ id: Bytes) { state.requestIDs.put(id, at: client * RequestRecord.longestID) }

    private func keptID(_ client: Int, _ count: Int) -> Bytes {
        state.requestIDs.view(client * RequestRecord.longestID, count)
    }
}
