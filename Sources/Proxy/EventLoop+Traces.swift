/// Traces of others are passed on, and where there is none, one is begun: W3C Trace Context's `traceparent`.
extension EventLoop {
    /// Takes the trace that a request's headers tell of, or begins one. Called once for each head.
    @inline(__always)
    func takeTrace(_ client: Int, _ bytes: Bytes, _ head: MessageHead) {
        if head.traceParentField == -1, !head.hasTraceState {
            makeTrace(client)
        } else {
            readTrace(client, bytes, head)
        }
    }

    private func readTrace(_ client: Int, _ bytes: Bytes, _ head: MessageHead) {
        if head.traceParentField >= 0,
            let trace = TraceContext.traceID(state.scanner.fields[Int(head.traceParentField)].value(in: bytes))
        {
            state.connections[client].exchange.trace = trace
            state.connections[client].exchange.passesTrace = true
            return
        }
        // What can't be read is not handed on, nor what belongs to it.
        state.scanner.dropTrace(head)
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
            guard state.scanner.fields[Int(head.traceParentField)].id == .dropped else { return offset }
            // `Connection` says that it was meant for this hop alone.
            state.scanner.dropTrace(head)
            makeTrace(client)
        }
        // The sampled flag says whether there is a record of it: here, in the access log.
        return memory.put(
            traceParent: state.connections[client].exchange.trace,
            digitsAt: state.connections[client].exchange.idIsTrace ? 0 : nil,
            isSampled: state.connections[client].exchange.isSampled, at: offset)
    }
}
