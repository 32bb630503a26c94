/// Traces of others are passed on, and where there is none, one is begun: W3C Trace Context's `traceparent`.
extension EventLoop {
    /// Takes the trace that a request's headers tell of, or begins one. Called once for each head.
    func takeTrace(_ client: Int, _ bytes: Bytes, _ head: MessageHead) {
        if head.traceParentField >= 0,
            let trace = TraceContext.traceID(state.scanner.fields[head.traceParentField].value(in: bytes))
        {
            state.connections[client].exchange.trace = trace
            state.connections[client].exchange.passesTrace = true
            return
        }
        // What can't be read is not handed on, nor what belongs to it.
        if head.traceParentField != -1 || head.hasTraceState { state.scanner.dropTrace(head) }
        makeTrace(client)
    }

    @inline(__always)
    func makeTrace(_ client: Int) {
        let high = state.traceIDs.next()
        state.connections[client].exchange.trace = TraceID(high: high, low: state.traceIDs.next())
    }

    /// Adds the line of a trace whose own line does not go on. To be called before the fields are put, after those that
    /// `Connection` names were dropped.
    @inline(__always)
    func putTraceParent(_ client: Int, _ head: MessageHead, into memory: Memory, at offset: Int) -> Int {
        if state.connections[client].exchange.passesTrace {
            guard state.scanner.fields[head.traceParentField].id == .dropped else { return offset }
            state.scanner.dropTrace(head)
        }
        var at = memory.put("traceparent: 00-", at: offset)
        if state.connections[client].exchange.idIsTrace {
            at = memory.put(memory.view(0, TraceID.digitCount), at: at)
        } else {
            at = memory.put(state.connections[client].exchange.trace, at: at)
        }
        at = memory.put("-", at: at)
        at = memory.put(hexadecimal: state.traceIDs.next(), at: at)
        // Whether there is a record of it: here, in the access log.
        return memory.put(state.connections[client].exchange.isSampled ? "-01\r\n" : "-00\r\n", at: at)
    }
}

extension Memory {
    /// Puts a trace's number in 32 hexadecimal digits.
    @inline(__always)
    func put(_ trace: TraceID, at offset: Int) -> Int {
        put(hexadecimal: trace.low, at: put(hexadecimal: trace.high, at: offset))
    }
}
