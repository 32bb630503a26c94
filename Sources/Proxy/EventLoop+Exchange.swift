import Splitting

/// From a whole head to a request on its way, and from an answer's end to the next request.
extension EventLoop {
    /// Starts on a request whose head lies complete in `memory[start...]`.
    func beginExchange(_ client: Int, _ memory: Memory, _ start: Int, _ end: Int, _ head: MessageHead) -> Bool {
        let bytes = memory.view(start, end - start)
        let isFromBuffer = state.connections[client].inBuffer >= 0
        var exchange = Exchange()
        exchange.startedAt =
            state.connections[client].phase == .head ? state.connections[client].headStartedAt : state.now
        exchange.requestKind = head.bodyKind
        exchange.requestLeft = head.contentLength
        exchange.requestIsDone = head.bodyKind == .none
        exchange.isHead = head.isHead
        exchange.minorVersion = UInt8(truncatingIfNeeded: head.minorVersion)
        exchange.confirmsKeepAlive = head.minorVersion == 0 && head.wantsKeepAlive && !head.wantsClose
        exchange.closes =
            head.wantsClose || (head.minorVersion == 0 && !head.wantsKeepAlive) || state.closesAfterAnswer
        exchange.method = bytes.word64(0) & (.max &>> UInt64(64 - 8 * min(head.methodCount, 8)))
        beginSampled(client, exchange)
        state.connections[client].phase = .exchange
        state.connections[client].headIsPartial = false

        let used = takeBody(client, bytes.slice(head.end, bytes.count - head.end))
        if used < 0 || isContradicted(client, head, bytes, head.end + used) {
            state.connections[client].exchange.requestIsDone = false
            state.connections[client].exchange.closes = true
            if isFromBuffer { dropInput(client) }
            answer(client, with: .badRequest)
            return true
        }
        let bodyBytes = used
        let next = start + head.end + bodyBytes
        let isForwarded = prepare(client, bytes, head, bodyBytes)
        // The bytes of later requests are put aside only now: the head was still needed where it lay.
        guard state.connections.isInUse(client) else { return false }
        if next < end {
            if !keepInput(client, memory, next, end) { return false }
        } else if isFromBuffer {
            dropInput(client)
        }
        if isForwarded { dispatch(client) } else { finishPrepared(client) }
        return state.connections.isInUse(client)
    }

    /// Whether bytes came along after a request that its sender called its last: a body without a length, or a request
    /// that nobody may answer. The line end that old clients send after a body is neither.
    private func isContradicted(_ client: Int, _ head: MessageHead, _ bytes: Bytes, _ end: Int) -> Bool {
        guard end < bytes.count, state.connections[client].exchange.requestIsDone,
            head.wantsClose || (head.minorVersion == 0 && !head.wantsKeepAlive)
        else { return false }
        return !bytes.slice(end, bytes.count - end).equals(Bytes("\r\n"))
    }

    /// Routes the request and writes what the backend will get into the request buffer.
    /// - Returns: whether it is to be sent; otherwise `exchange.status` holds what is to be answered instead.
    private func prepare(_ client: Int, _ bytes: Bytes, _ head: MessageHead, _ bodyBytes: Int) -> Bool {
        let buffer = state.buffers.allocate(fitting: head.end + bodyBytes + Self.addedBytes)
        guard buffer >= 0 else { return refuse(client, faultWithoutRoom) }
        state.connections[client].exchange.requestBuffer = buffer
        takeTrace(client, bytes, head)
        putRequestID(client, bytes, head)
        let known = max(head.contentLength, state.connections[client].exchange.requestBytes)
        if known > state.limits.maximumBodyBytes {
            return refuse(client, .bodyTooLarge)
        }
        guard let table = state.table else { return refuse(client, .notReady) }
        var target = TargetRewrite(start: head.targetStart, count: head.targetCount)
        let outcome = route(bytes, head, table, &target)
        if let route = outcome.route {
            table.beginRequest(loop: state.index)
            state.connections[client].exchange.table = table
            state.connections[client].exchange.route = route
            state.connections[client].exchange.arm = outcome.arm
            state.connections[client].exchange.reason = outcome.reason
            earnRetry(route)
        }
        switch outcome.kind {
        case .forward: break
        case .fault: return refuse(client, outcome.fault)
        case .own:
            state.connections[client].exchange.status = PreparedAnswer.own
            return false
        }
        guard state.connections[client].exchange.minorVersion == 1 || head.bodyKind != .chunked else {
            return refuse(client, .badRequest)
        }
        if state.isShedding { return refuse(client, .memoryPressure) }
        guard let route = outcome.route, admit(client, route) else { return refuse(client, .concurrencyLimit) }
        setDeadline(client, head, endpoint: route.view.timeoutMilliseconds)
        guard state.connections[client].exchange.deadline > state.now else {
            return refuse(client, expiryFault(client))
        }
        putRequest(client, bytes, head, target, bodyBytes)
        state.wheel.set(client, deadline: state.connections[client].exchange.deadline)
        return true
    }

    private func refuse(_ client: Int, _ fault: ProxyFault) -> Bool {
        state.connections[client].exchange.status = PreparedAnswer.fault + Int32(fault.rawValue)
        return false
    }

    private func finishPrepared(_ client: Int) {
        let prepared = state.connections[client].exchange.status
        state.connections[client].exchange.status = 0
        if prepared >= PreparedAnswer.fault {
            answer(client, with: ProxyFault(rawValue: UInt8(prepared - PreparedAnswer.fault)) ?? .badRequest)
        } else {
            answerOwn(client)
        }
    }

    private enum PreparedAnswer {
        static let own: Int32 = 1
        static let fault: Int32 = 1000
    }

    // MARK: The request as sent

    /// More than a request grows by: its id before it, and as headers its id, the time that is left, its trace and a host.
    private static let addedBytes = 512

    /// A request id begins the request buffer, so that it stays at hand until the answer's head is written.
    private func putRequestID(_ client: Int, _ bytes: Bytes, _ head: MessageHead) {
        let memory = state.buffers[state.connections[client].exchange.requestBuffer]
        var count = 0
        if head.requestIDField >= 0 {
            let value = state.scanner.fields[head.requestIDField].value(in: bytes)
            if isSaneID(value) {
                count = memory.put(value, at: 0)
                keepID(client, value)
            }
        }
        if count == 0 { count = makeRequestID(client, into: memory) }
        state.connections[client].exchange.idStart = 0
        state.connections[client].exchange.idCount = Int32(count)
        state.connections[client].exchange.requestEnd = Int32(count)
        state.connections[client].exchange.requestSent = Int32(count)
    }

    /// One number for both is one less to look for: the id is the trace's, unless that began elsewhere and may have more
    /// requests.
    /// - Returns: how long it is.
    func makeRequestID(_ client: Int, into memory: Memory) -> Int {
        guard state.connections[client].exchange.passesTrace else {
            state.connections[client].exchange.idIsTrace = true
            return memory.put(state.connections[client].exchange.trace, at: 0)
        }
        let end = memory.put(TraceID(high: state.traceIDs.next(), low: state.traceIDs.next()), at: 0)
        keepID(client, memory.view(0, end))
        return end
    }

    private func isSaneID(_ value: Bytes) -> Bool {
        (1...128).contains(value.count)
            && value.end(ofWords: CharacterTable.identifier, state.scanner.characters) == value.count
    }

    private func putRequest(
        _ client: Int, _ bytes: Bytes, _ head: MessageHead, _ target: TargetRewrite, _ bodyBytes: Int
    ) {
        let memory = state.buffers[state.connections[client].exchange.requestBuffer]
        let idCount = Int(state.connections[client].exchange.idCount)
        var at = idCount
        at = memory.put(bytes.slice(0, head.methodCount + 1), at: at)
        at = memory.put(target.prefix.text, at: at)
        at = memory.put(bytes.slice(target.start, target.count), at: at)
        at = memory.put(" HTTP/1.1\r\nx-request-id: ", at: at)
        at = memory.put(memory.view(0, idCount), at: at)
        at = putTimeout(client, into: memory, at: at)
        at = memory.put("\r\n", at: at)
        state.scanner.dropConnectionNames(bytes, head)
        at = putTraceParent(client, head, into: memory, at: at)
        if target.authorityCount > 0 {
            at = memory.put("host: ", at: at)
            at = memory.put(bytes.slice(target.authorityStart, target.authorityCount), at: at)
            at = memory.put("\r\n", at: at)
            if head.hostField >= 0 { state.scanner.fields[head.hostField].id = .dropped }
        } else if head.hostField < 0 {
            at = memory.put("host: turnout\r\n", at: at)
        }
        at = state.scanner.putFields(bytes, head, isRequest: true, keepsFraming: true, into: memory, at: at)
        at = memory.put("\r\n", at: at)
        at = memory.put(bytes.slice(head.end, bodyBytes), at: at)
        state.connections[client].exchange.requestEnd = Int32(at)
        state.connections[client].exchange.requestSent = Int32(idCount)
        noteKept(at)
    }

    // MARK: Ending

    /// The answer is out: counts it and makes the connection ready for the next request.
    /// - Returns: whether the connection is still there.
    @discardableResult
    func completeExchange(_ client: Int) -> Bool {
        count(client)
        noteAnswered(client)
        let closes = state.connections[client].exchange.closes || !state.connections[client].exchange.requestIsDone
        releaseExchange(client)
        if closes { return linger(client) }
        state.connections[client].phase = .idle
        awaitRequest(client)
        return true
    }

    /// Closes in a way that lets the client read the answer, whatever it is still sending.
    private func linger(_ client: Int) -> Bool {
        dropInput(client)
        shutdownWriting(client)
        state.connections[client].phase = .lingering
        state.wheel.set(client, deadline: state.now &+ 2_000_000_000)
        return true
    }

    /// Gives back what the exchange holds; the answer, if any, is no longer followed.
    func releaseExchange(_ client: Int) {
        releaseRequestBuffer(client)
        endTableUse(client)
        state.connections[client].exchange.arm = -1
        state.connections[client].exchange.route = nil
    }

    func releaseRequestBuffer(_ client: Int) {
        let buffer = state.connections[client].exchange.requestBuffer
        guard buffer >= 0 else { return }
        state.buffers.free(buffer, touched: Int(state.connections[client].exchange.requestEnd))
        state.connections[client].exchange.requestBuffer = -1
        state.connections[client].exchange.isKept = false
    }

    private func count(_ client: Int) {
        guard let route = state.connections[client].exchange.route else { return }
        let arm = state.connections[client].exchange.arm
        let block = arm >= 0 ? route.block(arm: arm) : route.block
        let kind = Int(state.connections[client].exchange.status) / 100 - 2
        state.counters.add(block, Counters.Word.answers + min(max(kind, 0), 3))
        state.counters.add(block, Counters.Word.requestBytes, state.connections[client].exchange.requestBytes)
        state.counters.add(block, Counters.Word.answerBytes, state.connections[client].exchange.answerBytes)
        let elapsed = state.now &- state.connections[client].exchange.startedAt
        state.counters.record(block, microseconds: elapsed / 1000)
    }

    func countAborted(_ client: Int, _ word: Int) {
        guard let route = state.connections[client].exchange.route, state.connections[client].exchange.arm >= 0
        else { return }
        state.counters.add(route.block(arm: state.connections[client].exchange.arm), word)
    }
}
