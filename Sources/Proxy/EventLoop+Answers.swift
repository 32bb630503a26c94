import CEventLoop
import Glibc
import Splitting

/// Answers on their way from a backend to a client.
extension EventLoop {
    /// Receives and passes on until the kernel has no more or the client takes no more.
    func readAnswer(_ backend: Int) {
        while true {
            let client = Int(state.connections[backend].partner)
            guard client >= 0, state.connections[backend].readReady, state.connections[client].outBuffer < 0 else {
                return
            }
            let buffer = state.connections[backend].inBuffer
            let memory = buffer >= 0 ? state.buffers[buffer] : state.input
            let start = buffer >= 0 ? Int(state.connections[backend].inEnd) : 0
            let wanted = min(LoopState.receiveBytes - start, state.bodyBytesAtOnce)
            let received = memory.receive(state.connections[backend].descriptor, at: start, wanted)
            guard received > 0 else {
                if received == -Int(EAGAIN) {
                    state.connections[backend].readReady = false
                } else {
                    answerEnded(client, backend, isReset: received < 0)
                }
                return
            }
            if received < wanted { state.connections[backend].readReady = state.connections[backend].peerClosed }
            state.connections[backend].hasAnswered = true
            let goesOn =
                state.connections[client].exchange.answerHasBegun
                ? relay(client, backend, memory.view(start, received))
                : takeAnswerHead(client, backend, memory, start + received)
            guard goesOn else { return }
        }
    }

    /// The backend closed: the end of a close-delimited answer, or a failure.
    private func answerEnded(_ client: Int, _ backend: Int, isReset: Bool) {
        state.connections[backend].readReady = false
        if state.connections[client].exchange.answerHasBegun,
            state.connections[client].exchange.answerKind == .close, !isReset
        {
            state.connections[client].exchange.backendStays = false
            endAnswer(client, backend)
            return
        }
        backendFailed(backend, sawEnd: !isReset)
    }

    // MARK: Heads

    /// - Returns: whether there is more to read on this connection now.
    private func takeAnswerHead(_ client: Int, _ backend: Int, _ memory: Memory, _ end: Int) -> Bool {
        var start = 0
        while true {
            var head = MessageHead()
            let count = min(end - start, state.limits.maximumHeadBytes)
            let result = state.scanner.scanAnswer(memory.view(start, count), into: &head)
            if result == .incomplete, end - start < state.limits.maximumHeadBytes {
                return keepAnswerHead(client, backend, memory, start, end)
            }
            guard result == .complete, head.status != 101 else {
                refuseAnswer(client, backend)
                return false
            }
            let bytes = memory.view(start, end - start)
            if head.status >= 200 { return beginAnswer(client, backend, bytes, head) }
            guard relayInterim(client, backend, bytes, head) else { return false }
            start += head.end
            if start == end {
                dropInput(backend)
                return true
            }
        }
    }

    private func keepAnswerHead(_ client: Int, _ backend: Int, _ memory: Memory, _ start: Int, _ end: Int) -> Bool {
        var buffer = state.connections[backend].inBuffer
        if buffer < 0 {
            buffer = state.buffers.allocate()
            guard buffer >= 0 else {
                answer(client, with: faultWithoutRoom)
                return false
            }
            state.connections[backend].inBuffer = buffer
        }
        state.buffers[buffer].put(memory.view(start, end - start), at: 0)
        state.connections[backend].inEnd = Int32(end - start)
        noteKept(end - start)
        return true
    }

    /// What the backend says can't be passed on as an answer.
    private func refuseAnswer(_ client: Int, _ backend: Int) {
        if hasRival(client) {
            lose(client, backend)
        } else {
            answer(client, with: .badAnswer)
        }
    }

    /// Passes a 1xx on to clients that know them.
    private func relayInterim(_ client: Int, _ backend: Int, _ bytes: Bytes, _ head: MessageHead) -> Bool {
        state.connections[client].exchange.interimCount += 1
        guard state.connections[client].exchange.interimCount <= 16 else {
            refuseAnswer(client, backend)
            return false
        }
        guard state.connections[client].exchange.minorVersion == 1 else { return true }
        if hasRival(client) { win(client, backend) }
        state.scanner.dropFraming(head)
        state.scanner.dropConnectionNames(bytes, head)
        var at = state.output.put("HTTP/1.1", at: 0)
        at = state.output.put(bytes.slice(8, head.fieldsStart - 8), at: at)
        at = state.scanner.putFields(bytes, head, isRequest: false, keepsFraming: false, into: state.output, at: at)
        at = state.output.put("\r\n", at: at)
        // Not kept any more: the client has seen something of this backend's answer.
        state.connections[client].exchange.isKept = false
        return send(state.output.view(0, at), toClient: client)
    }

    /// Sends the request to another backend where the endpoint has that done after such an answer.
    private func retryInstead(_ client: Int, ofStatus status: Int) -> Bool {
        guard let route = state.connections[client].exchange.route, route.view.retries(onStatus: status),
            state.connections[client].exchange.requestIsDone, beginRetry(client, route)
        else { return false }
        detachBackends(client)
        dispatch(client)
        return true
    }

    private func beginAnswer(_ client: Int, _ backend: Int, _ bytes: Bytes, _ head: MessageHead) -> Bool {
        if head.status >= 500 {
            if hasRival(client) {
                lose(client, backend)
                return false
            }
            state.slots.noteRequestFailure(Int(state.connections[backend].slot))
            if retryInstead(client, ofStatus: head.status) { return false }
        } else if state.connections[client].exchange.hedgeSlot >= 0 {
            settle(client, backend)
        }
        // A length or chunks of a 204 announce what must not follow. If it does, later, it may not become the next answer.
        let isContradictory = head.status == 204 && head.bodyKind != .close
        if isContradictory { state.scanner.dropFraming(head) }
        let isBodiless =
            state.connections[client].exchange.isHead || head.status == 204 || head.status == 304
        state.connections[client].exchange.answerKind = isBodiless ? .none : head.bodyKind
        if !isBodiless, head.bodyKind == .length, head.contentLength == 0 {
            state.connections[client].exchange.answerKind = .none
        }
        state.connections[client].exchange.answerLeft = head.contentLength
        state.connections[client].exchange.status = Int32(truncatingIfNeeded: head.status)
        state.connections[client].exchange.backendStays =
            (head.minorVersion == 1 ? !head.wantsClose : head.wantsKeepAlive && !head.wantsClose) && !isContradictory
        let kind = state.connections[client].exchange.answerKind
        let unwraps = head.bodyKind == .chunked && state.connections[client].exchange.minorVersion == 0
        state.connections[client].exchange.unwrapsChunks = unwraps && kind == .chunked
        if kind == .close || unwraps || !state.connections[client].exchange.requestIsDone || state.closesAfterAnswer {
            state.connections[client].exchange.closes = true
        }
        state.scanner.dropConnectionNames(bytes, head)
        let memory = state.output
        var at = memory.put("HTTP/1.1", at: 0)
        at = memory.put(bytes.slice(8, head.fieldsStart - 8), at: at)
        at = state.scanner.putFields(bytes, head, isRequest: false, keepsFraming: !unwraps, into: memory, at: at)
        at = putAnswerIdentity(client, into: memory, at: at)
        at = putConnection(client, into: memory, at: at)
        at = memory.put("\r\n", at: at)
        return sendBeginning(client, backend, bytes, head, at)
    }

    /// Sends the head together with what came of the body.
    private func sendBeginning(
        _ client: Int, _ backend: Int, _ bytes: Bytes, _ head: MessageHead, _ headEnd: Int
    ) -> Bool {
        let memory = state.output
        let rest = bytes.slice(head.end, bytes.count - head.end)
        let body = memory.part(headEnd, rest.count)
        body.put(rest, at: 0)
        // The bytes of the head are copied out: the buffer they waited in is free.
        dropInput(backend)
        guard state.connections[client].exchange.requestIsDone else {
            return relayBeginning(client, backend, headEnd, body)
        }
        releaseRequestBuffer(client)
        return relayBeginning(client, backend, headEnd, body)
    }

    private func relayBeginning(_ client: Int, _ backend: Int, _ headEnd: Int, _ body: Memory) -> Bool {
        let used = takeAnswerBody(client, body)
        guard used >= 0 else {
            answer(client, with: .badAnswer)
            return false
        }
        state.connections[client].exchange.answerHasBegun = true
        guard send(state.output.view(0, headEnd + used), toClient: client) else { return false }
        guard state.connections[client].exchange.answerIsDone else { return true }
        endAnswer(client, backend)
        return false
    }

    // MARK: Bodies

    private func relay(_ client: Int, _ backend: Int, _ bytes: Bytes) -> Bool {
        let body = state.input.part(0, bytes.count)
        let used = takeAnswerBody(client, body)
        guard used >= 0 else {
            answer(client, with: .badAnswer)
            return false
        }
        guard used == 0 || send(body.view(0, used), toClient: client) else { return false }
        guard state.connections[client].exchange.answerIsDone else { return true }
        endAnswer(client, backend)
        return false
    }

    /// Follows the answer's framing over new bytes, unwrapping chunks in place for clients of 1.0.
    /// - Returns: how many bytes from the start are to be sent, or -1 when the framing is broken.
    @inline(__always)
    private func takeAnswerBody(_ client: Int, _ bytes: Memory) -> Int {
        switch state.connections[client].exchange.answerKind {
        case .none:
            state.connections[client].exchange.answerIsDone = true
            if bytes.count > 0 { state.connections[client].exchange.backendStays = false }
            return 0
        case .length:
            let left = state.connections[client].exchange.answerLeft
            let used = Int(min(left, UInt64(bytes.count)))
            state.connections[client].exchange.answerLeft = left - UInt64(used)
            if left == UInt64(used) { state.connections[client].exchange.answerIsDone = true }
            if used < bytes.count { state.connections[client].exchange.backendStays = false }
            return used
        case .close:
            return bytes.count
        case .chunked:
            return takeChunks(client, bytes)
        }
    }

    private func takeChunks(_ client: Int, _ bytes: Memory) -> Int {
        var used = 0
        var unwrapped = 0
        let unwraps = state.connections[client].exchange.unwrapsChunks
        let progress = state.connections[client].exchange.answerDecoder.consume(
            bytes.view(0, bytes.count), at: &used, characters: state.scanner.characters
        ) { start, count in
            if unwraps { unwrapped = bytes.put(bytes.view(start, count), at: unwrapped) }
        }
        guard progress != .invalid else { return -1 }
        if progress == .finished {
            state.connections[client].exchange.answerIsDone = true
            if used < bytes.count { state.connections[client].exchange.backendStays = false }
        }
        return unwraps ? unwrapped : used
    }

    // MARK: Ends

    /// The backend has said all: it is kept or closed, and the client's side is finished as far as it is sent.
    private func endAnswer(_ client: Int, _ backend: Int) {
        state.connections[client].exchange.answerIsDone = true
        state.connections[client].partner = -1
        state.connections[backend].partner = -1
        if state.connections[client].exchange.status < 500 {
            state.slots.noteRequestSuccess(Int(state.connections[backend].slot))
        }
        let requestIsOut =
            state.connections[client].exchange.requestIsDone && state.connections[backend].outBuffer < 0
            && state.connections[client].exchange.requestSent == state.connections[client].exchange.requestEnd
        if state.connections[client].exchange.backendStays, requestIsOut, !state.connections[backend].peerClosed,
            !state.connections[backend].readReady
        {
            keepBackend(backend)
        } else {
            closeBackend(backend)
        }
        finishAnswer(client)
    }

    /// Everything of the answer is given to the kernel or waits in the output buffer.
    func finishAnswer(_ client: Int) {
        if state.connections[client].outBuffer >= 0 {
            state.connections[client].phase = .flushing
        } else {
            completeExchange(client)
        }
    }
}
