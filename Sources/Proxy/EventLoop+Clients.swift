import CEventLoop
import Glibc
import Splitting

/// Clients' side: accepting, reading heads and bodies, writing, closing.
extension EventLoop {
    /// What an idle one takes at most.
    private static let bytesPerClient = 2048

    /// - Returns: whether more may wait.
    @discardableResult
    func acceptClients(from listener: Int32) -> Bool {
        for _ in 0..<Self.acceptsPerTurn {
            let descriptor = turnout_accept(listener)
            guard descriptor >= 0 else {
                if descriptor == -EMFILE || descriptor == -ENFILE { refuseWithoutDescriptor(from: listener) }
                return false
            }
            guard state.clients < state.limits.maximumConnections, !state.isShedding else {
                refuse(descriptor)
                continue
            }
            let index = state.connections.allocate()
            guard index >= 0 else {
                refuse(descriptor)
                continue
            }
            _ = turnout_no_delay(descriptor)
            state.connections[index].descriptor = descriptor
            state.wheel.clear(index)
            guard turnout_epoll_add(state.epoll, descriptor, token(index)) == 0 else {
                close(descriptor)
                state.connections.free(index)
                continue
            }
            state.clients += 1
            noteKept(Self.bytesPerClient)
            state.counters.add(Counters.loopBlock, Counters.LoopWord.accepted)
            state.counters.store(Counters.loopBlock, Counters.LoopWord.clients, UInt64(state.clients))
            awaitRequest(index)
        }
        return true
    }

    /// Gives a client its time to send a request.
    @inline(__always)
    func awaitRequest(_ client: Int) {
        let timeout = state.closesAfterAnswer ? state.limits.drainIdleTimeout : state.limits.clientIdleTimeout
        state.wheel.set(client, deadline: state.now &+ timeout)
    }

    /// No descriptor is left in the process: the spare one makes room for saying so to the client that waits, if one
    /// does (the kernel looks for a descriptor first).
    private func refuseWithoutDescriptor(from listener: Int32) {
        state.spare.close()
        let descriptor = turnout_accept(listener)
        if descriptor >= 0 { refuse(descriptor) }
        if !state.spare.open() { pauseAccepting() }
    }

    /// One best effort to say why; a client that can't be served must not cost anything.
    private func refuse(_ descriptor: Int32) {
        state.counters.add(Counters.loopBlock, Counters.LoopWord.refused)
        let fault = faultWithoutRoom
        state.counters.add(Counters.loopBlock, Counters.LoopWord.faults + Int(fault.rawValue))
        let end = putFault(fault, client: -1, closes: true)
        _ = state.output.view(0, end).send(to: descriptor)
        shutdown(descriptor, Int32(SHUT_WR))
        close(descriptor)
    }

    func handleClient(_ client: Int, _ flags: Int32) {
        if flags & (EventFlag.error | EventFlag.hangUp) != 0 {
            abandon(client)
            return
        }
        if flags & EventFlag.input != 0 { state.connections[client].readReady = true }
        if flags & EventFlag.peerClosed != 0 {
            state.connections[client].peerClosed = true
            state.connections[client].readReady = true
        }
        if flags & EventFlag.output != 0, state.connections[client].outBuffer >= 0 {
            guard flushClient(client) else { return }
        }
        pump(client)
    }

    /// Does whatever the client's bytes allow, until more must come or another event must happen.
    func pump(_ client: Int) {
        var goesOn = true
        while goesOn {
            switch state.connections[client].phase {
            case .idle, .head: goesOn = readHead(client)
            case .exchange: goesOn = readBody(client)
            case .lingering: goesOn = discardInput(client)
            case .flushing, .connecting, .active, .pooled: goesOn = false
            }
        }
    }

    /// What a receive on a client's connection came to.
    /// - Returns: the bytes received, or -1 when there are none now; the connection may be gone then.
    @inline(__always)
    private func receive(_ client: Int, into memory: Memory, at offset: Int, _ count: Int) -> Int {
        let received = memory.receive(state.connections[client].descriptor, at: offset, count)
        if received > 0 {
            // A short read means empty, unless the end is still to be read.
            if received < count { state.connections[client].readReady = state.connections[client].peerClosed }
            return received
        }
        state.connections[client].readReady = false
        if received != -Int(EAGAIN) { abandon(client) }
        return -1
    }

    // MARK: Heads

    /// - Returns: whether there may be more to do at once.
    private func readHead(_ client: Int) -> Bool {
        let buffer = state.connections[client].inBuffer
        if buffer >= 0 {
            let end = Int(state.connections[client].inEnd)
            if !state.connections[client].headIsPartial {
                return takeHead(client, state.buffers[buffer], Int(state.connections[client].inStart), end)
            }
            guard state.connections[client].readReady else { return false }
            return appendHead(client, state.buffers[buffer])
        }
        guard state.connections[client].readReady else { return false }
        let received = receive(client, into: state.input, at: 0, LoopState.receiveBytes)
        guard received > 0 else { return false }
        return takeHead(client, state.input, 0, received)
    }

    private func appendHead(_ client: Int, _ memory: Memory) -> Bool {
        var end = Int(state.connections[client].inEnd)
        let start = Int(state.connections[client].inStart)
        if start > 0 {
            memory.put(memory.view(start, end - start), at: 0)
            end -= start
            state.connections[client].inStart = 0
        }
        let received = receive(client, into: memory, at: end, LoopState.receiveBytes - end)
        guard received > 0 else { return false }
        state.connections[client].inEnd = Int32(end + received)
        noteKept(received)
        // Only a finished line can change what a scan says, short of the limit.
        if end + received <= state.limits.maximumHeadBytes, memory.view(end, received).first(0x0a) < 0 { return true }
        return takeHead(client, memory, 0, end + received)
    }

    private func takeHead(_ client: Int, _ memory: Memory, _ from: Int, _ end: Int) -> Bool {
        var start = from
        // Empty lines before a request are tolerated, as RFC 9112 §2.2 asks.
        while end - start >= 2, memory[start] == 0x0d, memory[start + 1] == 0x0a { start += 2 }
        if start == end {
            dropInput(client)
            return true
        }
        // The first half of one is no mistake yet.
        if end - start == 1, memory[start] == 0x0d { return keepHead(client, memory, start, end) }
        var head = MessageHead()
        let bytes = memory.view(start, min(end - start, state.limits.maximumHeadBytes))
        let result = state.scanner.scanRequest(bytes, into: &head)
        if result == .incomplete {
            guard end - start < state.limits.maximumHeadBytes else { return refuseHead(client, .headTooLarge) }
            return keepHead(client, memory, start, end)
        }
        switch result {
        case .complete: return beginExchange(client, memory, start, end, head)
        case .unsupportedVersion: return refuseHead(client, .versionNotSupported)
        case .tooManyFields: return refuseHead(client, .headTooLarge)
        case .expectationFailed: return refuseHead(client, .expectationFailed)
        case .invalid, .incomplete: return refuseHead(client, .badRequest)
        }
    }

    private func keepHead(_ client: Int, _ memory: Memory, _ start: Int, _ end: Int) -> Bool {
        if state.isShedding { return refuseHead(client, .memoryPressure) }
        if state.connections[client].phase == .idle {
            state.connections[client].phase = .head
            state.connections[client].headStartedAt = state.now
            state.wheel.set(client, deadline: state.now &+ state.limits.headerTimeout)
        }
        state.connections[client].headIsPartial = true
        return keepInput(client, memory, start, end)
    }

    /// Puts bytes aside that can't be used yet.
    @discardableResult
    func keepInput(_ client: Int, _ memory: Memory, _ start: Int, _ end: Int) -> Bool {
        if state.connections[client].inBuffer < 0 {
            let buffer = state.buffers.allocate()
            guard buffer >= 0 else {
                abandon(client)
                return false
            }
            state.connections[client].inBuffer = buffer
            noteKept(end - start)
            state.buffers[buffer].put(memory.view(start, end - start), at: 0)
            state.connections[client].inStart = 0
            state.connections[client].inEnd = Int32(end - start)
        } else {
            state.connections[client].inStart = Int32(start)
            state.connections[client].inEnd = Int32(end)
        }
        return true
    }

    func dropInput(_ index: Int) {
        let buffer = state.connections[index].inBuffer
        if buffer >= 0 { state.buffers.free(buffer, touched: Int(state.connections[index].inEnd)) }
        state.connections[index].inBuffer = -1
        state.connections[index].headIsPartial = false
    }

    private func refuseHead(_ client: Int, _ fault: ProxyFault) -> Bool {
        dropInput(client)
        beginRefused(client, since: state.now)
        answer(client, with: fault)
        return true
    }

    // MARK: Bodies

    /// Receives more of a request's body and passes it on.
    private func readBody(_ client: Int) -> Bool {
        guard !state.connections[client].exchange.requestIsDone, state.connections[client].readReady else {
            return false
        }
        let backend = Int(state.connections[client].partner)
        guard backend >= 0, state.connections[backend].phase == .active, state.connections[backend].outBuffer < 0,
            state.connections[client].exchange.requestSent == state.connections[client].exchange.requestEnd
        else { return false }
        let received = receive(client, into: state.input, at: 0, state.bodyBytesAtOnce)
        guard received > 0 else { return false }
        let used = takeBody(client, state.input.view(0, received))
        guard used >= 0 else {
            answer(client, with: .badRequest)
            return true
        }
        guard state.connections[client].exchange.requestBytes <= state.limits.maximumBodyBytes else {
            answer(client, with: .bodyTooLarge)
            return true
        }
        if used < received, !keepInput(client, state.input, used, received) { return false }
        if state.connections[client].exchange.requestIsDone { startTry(client, backend) }
        return sendBody(client, backend, state.input.view(0, used))
    }

    /// Follows the body's framing over new bytes.
    /// - Returns: how many of them belong to the body, or -1 when its chunks are malformed.
    func takeBody(_ client: Int, _ bytes: Bytes) -> Int {
        switch state.connections[client].exchange.requestKind {
        case .length:
            let used = Int(min(state.connections[client].exchange.requestLeft, UInt64(bytes.count)))
            state.connections[client].exchange.requestLeft -= UInt64(used)
            state.connections[client].exchange.requestBytes += UInt64(used)
            if state.connections[client].exchange.requestLeft == 0 {
                state.connections[client].exchange.requestIsDone = true
            }
            return used
        case .chunked:
            var used = 0
            var payload: UInt64 = 0
            let progress = state.connections[client].exchange.requestDecoder.consume(
                bytes, at: &used, characters: state.scanner.characters
            ) { payload += UInt64($1) }
            state.connections[client].exchange.requestBytes += payload
            if progress == .finished { state.connections[client].exchange.requestIsDone = true }
            return progress == .invalid ? -1 : used
        case .none, .close:
            state.connections[client].exchange.requestIsDone = true
            return 0
        }
    }

    private func sendBody(_ client: Int, _ backend: Int, _ bytes: Bytes) -> Bool {
        let end = Int(state.connections[client].exchange.requestEnd)
        if state.connections[client].exchange.isKept, !state.isShedding, makeRoom(client, end + bytes.count) {
            state.buffers[state.connections[client].exchange.requestBuffer].put(bytes, at: end)
            state.connections[client].exchange.requestEnd = Int32(end + bytes.count)
            noteKept(bytes.count)
            return sendRequest(client, backend)
        }
        state.connections[client].exchange.isKept = false
        let sent = bytes.send(to: state.connections[backend].descriptor)
        guard sent >= 0 else {
            backendFailed(backend)
            return true
        }
        if sent < bytes.count { return keepOutput(backend, bytes.slice(sent, bytes.count - sent)) }
        return true
    }

    /// Whether the request buffer has, or now gets, room for so many bytes.
    private func makeRoom(_ client: Int, _ count: Int) -> Bool {
        let buffer = state.connections[client].exchange.requestBuffer
        guard buffer >= 0, count <= BufferPool.bufferBytes else { return false }
        let memory = state.buffers[buffer]
        if count <= memory.count { return true }
        let larger = state.buffers.allocate()
        guard larger >= 0 else { return false }
        state.buffers[larger].put(memory.view(0, Int(state.connections[client].exchange.requestEnd)), at: 0)
        state.buffers.free(buffer)
        state.connections[client].exchange.requestBuffer = larger
        return true
    }

    private func discardInput(_ client: Int) -> Bool {
        guard state.connections[client].readReady else { return false }
        return receive(client, into: state.input, at: 0, LoopState.receiveBytes) > 0
    }

    // MARK: Output

    /// Sends to a client at once, and keeps what the kernel refuses.
    /// - Returns: false when the connection is gone.
    func send(_ bytes: Bytes, toClient client: Int) -> Bool {
        state.connections[client].exchange.answerBytes += UInt64(bytes.count)
        if state.connections[client].outBuffer >= 0 { return appendOutput(client, bytes) }
        let sent = bytes.send(to: state.connections[client].descriptor)
        guard sent >= 0 else {
            abandon(client)
            return false
        }
        if sent < bytes.count { return keepOutput(client, bytes.slice(sent, bytes.count - sent)) }
        return true
    }

    @discardableResult
    func keepOutput(_ index: Int, _ bytes: Bytes) -> Bool {
        let buffer = bytes.count <= BufferPool.bufferBytes ? state.buffers.allocate() : -1
        guard buffer >= 0 else { return endWithoutRoom(index) }
        state.buffers[buffer].put(bytes, at: 0)
        noteKept(bytes.count)
        state.connections[index].outBuffer = buffer
        state.connections[index].outStart = 0
        state.connections[index].outEnd = Int32(bytes.count)
        return true
    }

    /// Neither of the two is to blame.
    private func endWithoutRoom(_ index: Int) -> Bool {
        guard state.connections[index].isBackend else {
            // Half of something may be out: nothing else may follow.
            state.connections[index].exchange.answerHasBegun = true
            answer(index, with: faultWithoutRoom)
            return false
        }
        answer(Int(state.connections[index].partner), with: faultWithoutRoom)
        return true
    }

    /// For the few bytes that follow a refused interim answer.
    private func appendOutput(_ client: Int, _ bytes: Bytes) -> Bool {
        let end = Int(state.connections[client].outEnd)
        guard end + bytes.count <= BufferPool.bufferBytes else {
            abandon(client)
            return false
        }
        state.buffers[state.connections[client].outBuffer].put(bytes, at: end)
        state.connections[client].outEnd = Int32(end + bytes.count)
        return true
    }

    /// - Returns: 1 when all is out, 0 when the kernel refuses more, -1 on an error.
    @inline(__always)
    func flushOutput(_ index: Int) -> Int {
        let buffer = state.connections[index].outBuffer
        guard buffer >= 0 else { return 1 }
        let start = Int(state.connections[index].outStart)
        let end = Int(state.connections[index].outEnd)
        let sent = state.buffers[buffer].view(start, end - start).send(to: state.connections[index].descriptor)
        guard sent >= 0 else { return -1 }
        if start + sent < end {
            state.connections[index].outStart = Int32(start + sent)
            return 0
        }
        state.buffers.free(buffer, touched: end)
        state.connections[index].outBuffer = -1
        return 1
    }

    /// - Returns: false when the connection is gone.
    private func flushClient(_ client: Int) -> Bool {
        switch flushOutput(client) {
        case -1:
            abandon(client)
            return false
        case 0:
            return true
        default:
            if state.connections[client].phase == .flushing { return completeExchange(client) }
            let backend = Int(state.connections[client].partner)
            if backend >= 0, state.connections[backend].phase == .active { readAnswer(backend) }
            return state.connections.isInUse(client) && !state.connections[client].isBackend
        }
    }

    // MARK: Ending

    func expireClient(_ client: Int) {
        switch state.connections[client].phase {
        case .idle, .lingering, .flushing:
            state.connections[client].phase == .flushing ? cut(client) : closeClient(client)
        case .head: refusePartialHead(client, with: .headerTimeout)
        case .exchange:
            answer(client, with: expiryFault(client))
            if state.connections.isInUse(client), !state.connections[client].isBackend { pump(client) }
        case .connecting, .active, .pooled:
            break
        }
    }

    /// Answers a client whose request's head is not whole.
    func refusePartialHead(_ client: Int, with fault: ProxyFault) {
        dropInput(client)
        beginRefused(client, since: state.connections[client].headStartedAt)
        answer(client, with: fault)
        pump(client)
    }

    /// The client is gone: whatever was being done for it ends.
    func abandon(_ client: Int) {
        if state.connections[client].exchange.table != nil, state.connections[client].exchange.arm >= 0,
            !state.connections[client].exchange.answerIsDone || state.connections[client].phase == .flushing
        {
            countAborted(client, Counters.Word.clientClosed)
        }
        let phase = state.connections[client].phase
        if phase == .exchange || phase == .flushing { noteUnanswered(client, .clientClosed) }
        closeClient(client)
    }

    /// Ends an answer that can't be completed, so that the client can see that it is not whole.
    func cut(_ client: Int) {
        turnout_reset_on_close(state.connections[client].descriptor)
        countAborted(client, Counters.Word.truncated)
        let end = state.connections[client].exchange.end
        noteUnanswered(client, end == .answered ? .truncated : end)
        closeClient(client)
    }

    func closeClient(_ client: Int) {
        detachBackends(client)
        releaseExchange(client)
        dropInput(client)
        dropOutput(client)
        close(state.connections[client].descriptor)
        state.wheel.clear(client)
        state.connections.free(client)
        state.clients -= 1
        state.counters.store(Counters.loopBlock, Counters.LoopWord.clients, UInt64(state.clients))
    }

    func dropOutput(_ index: Int) {
        let buffer = state.connections[index].outBuffer
        if buffer >= 0 { state.buffers.free(buffer, touched: Int(state.connections[index].outEnd)) }
        state.connections[index].outBuffer = -1
    }
}
