import CEventLoop
import Glibc
import Splitting

/// Answers that Turnout makes itself.
extension EventLoop {
    /// Ends the exchange with an answer of Turnout's own, or by cutting the connection when one has begun already.
    func answer(_ client: Int, with fault: ProxyFault) {
        blameBackends(client, fault)
        detachBackends(client)
        countFault(client, fault)
        state.connections[client].exchange.end = RequestEnd(fault)
        if state.connections[client].exchange.answerHasBegun {
            cut(client)
            return
        }
        let closes =
            state.connections[client].exchange.closes || !state.connections[client].exchange.requestIsDone
            || state.closesAfterAnswer || fault == .badRequest
        state.connections[client].exchange.closes = closes
        let end = putFault(fault, client: client, closes: closes)
        state.connections[client].exchange.status = Int32(fault.statusClass * 100)
        state.connections[client].exchange.isOwnAnswer = true
        finishOwnAnswer(client, end)
    }

    /// Remembers that the backend failed, or both that have the request, unless it is the client that does not take its
    /// answer.
    private func blameBackends(_ client: Int, _ fault: ProxyFault) {
        guard fault == .badAnswer || fault == .timeout, state.connections[client].outBuffer < 0 else { return }
        blame(Int(state.connections[client].partner))
        blame(Int(state.connections[client].exchange.rival))
    }

    private func blame(_ backend: Int) {
        guard backend >= 0, state.connections[backend].phase == .active else { return }
        state.slots.noteRequestFailure(Int(state.connections[backend].slot))
    }

    /// The proxy's own health, as the Open Inference Protocol asks for it.
    func answerOwn(_ client: Int) {
        if state.closesAfterAnswer { state.connections[client].exchange.closes = true }
        let memory = state.output
        let body = Bytes("{\"name\":\"turnout\",\"live\":true,\"ready\":true}")
        var at = memory.put("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ", at: 0)
        at = memory.put(decimal: UInt64(body.count), at: at)
        at = memory.put("\r\n", at: at)
        at = putAnswerIdentity(client, into: memory, at: at)
        at = putConnection(client, into: memory, at: at)
        at = memory.put("\r\n", at: at)
        if !state.connections[client].exchange.isHead { at = memory.put(body, at: at) }
        state.connections[client].exchange.status = 200
        finishOwnAnswer(client, at)
    }

    private func finishOwnAnswer(_ client: Int, _ end: Int) {
        state.connections[client].exchange.answerHasBegun = true
        state.connections[client].exchange.answerIsDone = true
        guard send(state.output.view(0, end), toClient: client) else { return }
        finishAnswer(client)
    }

    private func countFault(_ client: Int, _ fault: ProxyFault) {
        guard let route = state.connections[client].exchange.route else {
            state.counters.add(Counters.loopBlock, Counters.LoopWord.faults + Int(fault.rawValue))
            return
        }
        let arm = state.connections[client].exchange.arm
        let block = arm >= 0 ? route.block(arm: arm) : route.block
        state.counters.add(block, Counters.Word.faults + Int(fault.rawValue))
    }

    /// Writes a fault's answer into the output memory.
    /// - Parameter client: -1 for a connection that is refused before it became one.
    /// - Returns: where it ends.
    func putFault(_ fault: ProxyFault, client: Int, closes: Bool) -> Int {
        let memory = state.output
        let hasID = client >= 0 && state.connections[client].exchange.requestBuffer >= 0
        if client >= 0, !hasID { makeRequestID(client) }
        let code = Bytes(fault.code)
        let message = Bytes(fault.message)
        let idCount = client >= 0 ? Int(state.connections[client].exchange.idCount) : 0
        let length = 49 + code.count + message.count + idCount
        var at = memory.put("HTTP/1.1 ", at: 0)
        at = memory.put(fault.status, at: at)
        at = memory.put("\r\ncontent-type: application/json\r\ncontent-length: ", at: at)
        at = memory.put(decimal: UInt64(length), at: at)
        at = memory.put("\r\n", at: at)
        if fault.statusClass == 5, fault.status.utf8CodeUnitCount == 23 {
            at = memory.put("retry-after: 1\r\n", at: at)
        }
        if client >= 0 {
            at = putAnswerIdentity(client, into: memory, at: at)
            at = putConnection(client, into: memory, at: at)
        } else if closes {
            at = memory.put("connection: close\r\n", at: at)
        }
        at = memory.put("\r\n", at: at)
        if client >= 0, state.connections[client].exchange.isHead { return at }
        let start = at
        at = memory.put("{\"error\":{\"code\":\"", at: at)
        at = memory.put(code, at: at)
        at = memory.put("\",\"message\":\"", at: at)
        at = memory.put(message, at: at)
        at = memory.put("\",\"requestId\":\"", at: at)
        if client >= 0 { at = putRequestID(client, into: memory, at: at) }
        at = memory.put("\"}}", at: at)
        assert(at - start == length)
        return at
    }

    /// For requests that never came far enough to have a buffer.
    private func makeRequestID(_ client: Int) {
        let buffer = state.buffers.allocate(fitting: RequestRecord.longestID)
        guard buffer >= 0 else { return }
        if state.connections[client].exchange.trace == TraceID() { makeTrace(client) }
        let end = makeRequestID(client, into: state.buffers[buffer])
        state.connections[client].exchange.requestBuffer = buffer
        state.connections[client].exchange.idStart = 0
        state.connections[client].exchange.idCount = Int32(end)
    }

    private func putRequestID(_ client: Int, into memory: Memory, at offset: Int) -> Int {
        let buffer = state.connections[client].exchange.requestBuffer
        guard buffer >= 0 else { return offset }
        let start = Int(state.connections[client].exchange.idStart)
        return memory.put(
            state.buffers[buffer].view(start, Int(state.connections[client].exchange.idCount)), at: offset)
    }

    /// The headers that say who answered: as much as is known.
    @inline(__always)
    func putAnswerIdentity(_ client: Int, into memory: Memory, at offset: Int) -> Int {
        var at = offset
        if let table = state.connections[client].exchange.table, let route = state.connections[client].exchange.route {
            let arm = state.connections[client].exchange.arm
            if arm >= 0 {
                at = memory.put(Bytes(route.view.answerHeaders(arm)), at: at)
                at = memory.put(state.connections[client].exchange.reason.text, at: at)
                at = putSendings(state.connections[client].exchange.sendings, into: memory, at: at)
            } else {
                at = memory.put("x-turnout-endpoint: ", at: at)
                at = memory.put(Bytes(route.view.name), at: at)
            }
            at = memory.put("\r\n", at: at)
            at = memory.put(table.generationHeader, at: at)
        } else if let table = state.table {
            at = memory.put(table.generationHeader, at: at)
        }
        at = memory.put("x-request-id: ", at: at)
        at = putRequestID(client, into: memory, at: at)
        return memory.put("\r\n", at: at)
    }

    @inline(__always)
    private func putSendings(_ count: UInt8, into memory: Memory, at offset: Int) -> Int {
        if count == 1 { return memory.put("\r\nx-turnout-attempts: 1", at: offset) }
        return memory.put(decimal: UInt64(count), at: memory.put("\r\nx-turnout-attempts: ", at: offset))
    }

    @inline(__always)
    func putConnection(_ client: Int, into memory: Memory, at offset: Int) -> Int {
        if state.connections[client].exchange.closes { return memory.put("connection: close\r\n", at: offset) }
        if state.connections[client].exchange.confirmsKeepAlive {
            return memory.put("connection: keep-alive\r\n", at: offset)
        }
        return offset
    }

    func shutdownWriting(_ client: Int) { shutdown(state.connections[client].descriptor, Int32(SHUT_WR)) }
}
