import Glibc
import Synchronization
import TestSupport

/// A scorer that keeps every byte it gets, and answers whatever it is told to: unlike `StubScorer`, it need not be sane.
///
/// Its own reading of where a request ends is as simple as can be, and shares nothing with the proxy's.
final class RecordingScorer: Sendable {
    enum Ending { case stays, closes, resets }

    /// What is sent as the answer to a request, unless its path is `/probe`.
    struct Script {
        var pieces: [[UInt8]] = [Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)]
        /// Sent one by one after the pieces, each when `release` is called.
        var held: [[UInt8]] = []
        var ending = Ending.stays
        /// The answer is sent when the first byte of a request comes, not its last.
        var answersEarly = false
    }

    private struct State {
        var script = Script()
        var log: [UInt8] = []
        var requestCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let gate: (waits: Int32, releases: Int32)
    private let state = Mutex(State())

    init() throws {
        let listener = try RawListener.open()
        (self.listener, port) = (listener.descriptor, listener.port)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw RawListener.Failure(error: errno) }
        gate = (ends[0], ends[1])
        StubThread.spawn { [self] in acceptConnections() }
    }

    var script: Script {
        get { state.withLock { $0.script } }
        set { state.withLock { $0.script = newValue } }
    }
    /// Every byte received so far, over all connections.
    var log: [UInt8] { state.withLock { $0.log } }
    var requestCount: Int { state.withLock { $0.requestCount } }
    var openConnections: Int { state.withLock { $0.open.count } }

    /// Lets the next held piece of an answer go.
    func release() { _ = write(gate.releases, [1], 1) }

    deinit { close(gate.waits) }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            close(gate.releases)
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func acceptConnections() {
        while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
            let isStopped = state.withLock { state in
                state.open.insert(descriptor)
                return state.isStopped
            }
            if isStopped {
                close(descriptor)
                break
            }
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            StubThread.spawn { [self] in
                serve(descriptor)
                // Under the lock, or the descriptor's number could be another connection's when it is removed.
                state.withLock { state in
                    state.open.remove(descriptor)
                    close(descriptor)
                }
            }
        }
        close(listener)
    }

    private func serve(_ descriptor: Int32) {
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            input += buffer[..<count]
            state.withLock { $0.log += buffer[..<count] }
            if script.answersEarly, !input.starts(with: Array("GET /probe".utf8)) {
                state.withLock { $0.requestCount += 1 }
                guard answer(descriptor, script) else { return }
                input = []
                continue
            }
            while let end = endOfRequest(input) {
                let isProbe = input.starts(with: Array("GET /probe".utf8))
                input.removeFirst(end)
                state.withLock { $0.requestCount += 1 }
                guard answer(descriptor, isProbe ? Script() : script) else { return }
            }
        }
    }

    /// - Returns: whether the connection stays.
    private func answer(_ descriptor: Int32, _ script: Script) -> Bool {
        for piece in script.pieces {
            guard RawListener.send(descriptor, piece) else { return false }
        }
        for piece in script.held {
            var byte: UInt8 = 0
            guard read(gate.waits, &byte, 1) == 1, RawListener.send(descriptor, piece) else { return false }
        }
        switch script.ending {
        case .stays: return true
        case .closes: return false
        case .resets:
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            return false
        }
    }

    private func endOfRequest(_ input: [UInt8]) -> Int? {
        guard let head = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: input[..<head.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        func value(_ name: String) -> Substring? {
            lines.first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1).drop { $0 == " " || $0 == "\t" }
        }
        if value("transfer-encoding") != nil {
            return endOfChunks(input, head.upperBound)
        }
        let length = value("content-length").flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        return input.count >= head.upperBound + length ? head.upperBound + length : nil
    }

    private func endOfChunks(_ input: [UInt8], _ start: Int) -> Int? {
        var at = start
        func line() -> ArraySlice<UInt8>? {
            guard let end = input[at...].firstRange(of: [13, 10]) else { return nil }
            defer { at = end.upperBound }
            return input[at..<end.lowerBound]
        }
        while let size = line() {
            let count = Int(String(decoding: size.prefix { $0 != 0x3b }, as: UTF8.self), radix: 16) ?? 0
            guard count > 0 else {
                while let trailer = line() { if trailer.isEmpty { return at } }
                return nil
            }
            guard at + count + 2 <= input.count else { return nil }
            at += count + 2
        }
        return nil
    }
}

/// Blocking sockets for scorers that misbehave.
enum RawListener {
    struct Failure: Error { let error: Int32 }

    static func open() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) != 0 || listen(descriptor, 1024) != 0
                    || getsockname(descriptor, generic, &length) != 0
            }
        }
        guard !failed else { throw Failure(error: errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
