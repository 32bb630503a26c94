import Glibc
import Synchronization

/// One connection of a stub scorer, served by its own thread.
struct StubScorerConnection {
    let descriptor: Int32
    let scorer: StubScorer
    private var input: [UInt8] = []

    init(descriptor: Int32, scorer: StubScorer) {
        self.descriptor = descriptor
        self.scorer = scorer
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    mutating func serve() {
        while let request = receive() {
            scorer.state.withLock { state in
                state.requestCount += 1
                if state.received.count < StubScorer.remembered { state.received.append(request) }
            }
            guard answer(request, scorer.behaviour) else { return }
        }
    }

    // MARK: Reading

    private mutating func fill() -> Bool {
        let bytes = StubScorerSocket.receive(descriptor)
        input += bytes
        return !bytes.isEmpty
    }

    private mutating func line() -> String? {
        var searched = 0
        while true {
            if let end = input[searched...].firstIndex(of: 0x0a) {
                let bytes = input[..<end].last == 0x0d ? input[..<(end - 1)] : input[..<end]
                let line = String(decoding: bytes, as: UTF8.self)
                input.removeFirst(end + 1)
                return line
            }
            searched = input.count
            guard fill() else { return nil }
        }
    }

    private mutating func receive() -> StubScorer.Received? {
        guard let first = line() else { return nil }
        let parts = first.split(separator: " ")
        guard parts.count == 3 else { return nil }
        var headers: [String] = []
        while let next = line(), !next.isEmpty { headers.append(next) }
        var request = StubScorer.Received(
            method: String(parts[0]), path: String(parts[1]), headers: headers, bodyBytes: 0,
            bodyHash: 0xcbf2_9ce4_8422_2325)
        if !request.values("expect").isEmpty {
            guard StubScorerSocket.send(descriptor, Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return nil }
        }
        if request.values("transfer-encoding") == ["chunked"] {
            while let size = line().flatMap({ Int($0.prefix { $0 != ";" }, radix: 16) }) {
                guard size > 0 else {
                    while let trailer = line(), !trailer.isEmpty {}
                    return request
                }
                guard body(size, of: &request), line() != nil else { return nil }
            }
            return nil
        }
        return body(request.values("content-length").first.flatMap(Int.init) ?? 0, of: &request) ? request : nil
    }

    private mutating func body(_ count: Int, of request: inout StubScorer.Received) -> Bool {
        var left = count
        while left > 0 {
            if input.isEmpty, !fill() { return false }
            let part = min(left, input.count)
            for byte in input[..<part] { request.bodyHash = (request.bodyHash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            input.removeFirst(part)
            request.bodyBytes += part
            left -= part
        }
        return true
    }

    // MARK: Answering

    /// - Returns: whether the connection serves further requests.
    private func answer(_ request: StubScorer.Received, _ behaviour: StubScorer.Behaviour) -> Bool {
        if behaviour.delay > .zero { usleep(UInt32(behaviour.delay / .microseconds(1))) }
        if behaviour.diesBeforeAnswer {
            StubScorerSocket.resetOnClose(descriptor)
            return false
        }
        if let raw = behaviour.rawAnswer {
            _ = StubScorerSocket.send(descriptor, raw)
            return false
        }
        var body =
            behaviour.body
            ?? Array(
                #"{"version":"\#(scorer.version)","method":"\#(request.method)","path":"\#(request.path)","bodyBytes":\#(request.bodyBytes)}"#
                    .utf8)
        if behaviour.bodyBytes > body.count {
            body += Array(repeating: body.last ?? 0x2e, count: behaviour.bodyBytes - body.count)
        }
        let status = behaviour.statusByPath[request.path] ?? behaviour.status
        let hasBody = status != 204 && status != 304
        let closes = behaviour.closesAfterAnswer || behaviour.framing == .closeDelimited
        var head =
            "HTTP/1.1 \(status) Stub\r\ncontent-type: application/json\r\nx-scorer: \(scorer.version)\r\n"
        for header in behaviour.headers { head += header + "\r\n" }
        if closes { head += "connection: close\r\n" }
        switch behaviour.framing {
        case .contentLength: head += hasBody ? "content-length: \(body.count)\r\n" : ""
        case .chunked: head += hasBody ? "transfer-encoding: chunked\r\n" : ""
        case .closeDelimited: break
        }
        var message = behaviour.interim + Array((head + "\r\n").utf8)
        if hasBody, request.method != "HEAD" { message += framed(body, behaviour) }
        if behaviour.diesInAnswer {
            _ = StubScorerSocket.send(descriptor, Array(message.dropLast(max(1, body.count / 2))))
            StubScorerSocket.resetOnClose(descriptor)
            return false
        }
        return StubScorerSocket.send(descriptor, message) && !closes && !behaviour.closesSilently
    }

    private func framed(_ body: [UInt8], _ behaviour: StubScorer.Behaviour) -> [UInt8] {
        guard behaviour.framing == .chunked else { return body }
        var message: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: 10_000) {
            let part = body[start..<min(start + 10_000, body.count)]
            message += Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [0x0d, 0x0a]
        }
        message += Array("0\r\n".utf8)
        for trailer in behaviour.trailers { message += Array((trailer + "\r\n").utf8) }
        return message + [0x0d, 0x0a]
    }
}
