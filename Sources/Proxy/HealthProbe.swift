import CEventLoop
import Glibc
import Resources

/// One attempt to find out whether a scorer answers: a connect, or a connect and a `GET`. A value that owns its socket
/// until `close()`; nothing here waits.
struct HealthProbe {
    enum Verdict: Sendable, Hashable {
        case passed
        case failed(String)
    }

    enum Progress: Sendable, Hashable {
        /// Wait for `awaitedEvents`, or for the deadline.
        case waiting
        /// The verdict; the probe may still be read from until `over`, so that the scorer's answer isn't reset.
        case judged(Verdict)
        case over
    }

    private enum Phase {
        case connecting
        case sending
        case receiving
        /// The verdict was given; the rest of the answer is thrown away.
        case draining
    }

    /// A scorer whose health page is longer than this is cut off.
    private static let drainLimit = 64 * 1024
    /// `HTTP/1.1 200`
    private static let statusLength = 12

    let descriptor: Int32
    let deadline: MonotonicTime
    private let address: SocketAddress
    private let check: HealthCheck?
    private let request: [UInt8]
    private var sent = 0
    private var received: [UInt8] = []
    private var drained = 0
    private var phase = Phase.connecting

    /// Starts to connect.
    ///
    /// - Parameter check: absent: the connection alone is the proof.
    /// - Returns: the probe, or why it could not even start.
    static func start(
        _ address: SocketAddress, host: String, check: HealthCheck?, timeoutMilliseconds: Int, now: MonotonicTime
    ) -> (probe: HealthProbe?, failure: String) {
        let descriptor = turnout_socket(address.family)
        guard descriptor >= 0 else { return (nil, "no socket for a health check: \(describe(-descriptor))") }
        let result = unsafe address.withSocketAddress { unsafe turnout_connect(descriptor, $0, $1) }
        guard result == 0 || result == -EINPROGRESS else {
            Glibc.close(descriptor)
            return (nil, "connect to \(address): \(describe(-result))")
        }
        let probe = HealthProbe(
            descriptor: descriptor, deadline: now.advanced(milliseconds: max(1, timeoutMilliseconds)), address: address,
            check: check, request: check.map { request($0.path, host: host) } ?? [])
        return (probe, "")
    }

    private init(
        descriptor: Int32, deadline: MonotonicTime, address: SocketAddress, check: HealthCheck?, request: [UInt8]
    ) {
        self.descriptor = descriptor
        self.deadline = deadline
        self.address = address
        self.check = check
        self.request = request
    }

    /// A probe by connecting alone, over a socket that was already told to connect.
    init(connecting descriptor: Int32, to address: SocketAddress) {
        self.init(
            descriptor: descriptor, deadline: .distantFuture, address: address, check: nil, request: [])
    }

    func close() { Glibc.close(descriptor) }

    var isDraining: Bool { if case .draining = phase { true } else { false } }

    var awaitedEvents: Int16 {
        switch phase {
        case .connecting, .sending: Int16(POLLOUT)
        case .receiving, .draining: Int16(POLLIN)
        }
    }

    /// What a probe that is still waiting at its deadline comes to.
    var timeoutVerdict: Verdict {
        switch phase {
        case .connecting: .failed("connect to \(address): timed out")
        case .sending, .receiving: .failed("\(name): no answer in time")
        case .draining: .passed
        }
    }

    /// Does what the socket allows now.
    mutating func advance() -> Progress {
        switch phase {
        case .connecting:
            let error = turnout_socket_error(descriptor)
            guard error == 0 else { return .judged(.failed("connect to \(address): \(Self.describe(error))")) }
            guard !isConnectedToItself else { return .judged(.failed("connect to \(address): nobody listens")) }
            guard check != nil else { return .judged(.passed) }
            phase = .sending
            return send()
        case .sending: return send()
        case .receiving: return receive()
        case .draining: return drain()
        }
    }

    private mutating func send() -> Progress {
        while sent < request.count {
            let count = unsafe request.withUnsafeBytes { bytes in
                unsafe turnout_send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            if Self.isLater(count) { return .waiting }
            guard count > 0 else { return .judged(.failed("\(name): \(Self.describe(Int32(-count)))")) }
            sent += count
        }
        phase = .receiving
        return receive()
    }

    private mutating func receive() -> Progress {
        while received.count < Self.statusLength {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer in
                let count = unsafe turnout_receive(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 { unsafe received.append(contentsOf: buffer.prefix(count)) }
                return count
            }
            if Self.isLater(count) { return .waiting }
            if count == 0 { return .judged(.failed("\(name): the connection was closed without an answer")) }
            guard count > 0 else { return .judged(.failed("\(name): \(Self.describe(Int32(-count)))")) }
        }
        phase = .draining
        return .judged(judge())
    }

    private func judge() -> Verdict {
        let line = received.prefix(Self.statusLength)
        let digits = line.suffix(3)
        guard line.starts(with: "HTTP/1.".utf8), line.dropFirst(8).first == 0x20,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return .failed("\(name): the answer is not HTTP/1.1") }
        if digits.first == UInt8(ascii: "2") { return .passed }
        return .failed("\(name): answered \(String(decoding: digits, as: UTF8.self))")
    }

    private mutating func drain() -> Progress {
        while drained < Self.drainLimit {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                unsafe turnout_receive(descriptor, buffer.baseAddress, buffer.count)
            }
            if Self.isLater(count) { return .waiting }
            guard count > 0 else { return .over }
            drained += count
        }
        return .over
    }

    /// Connecting again and again to a dead port of this machine's own ephemeral range will one day draw that very
    /// port as the local one, and TCP then connects the socket to itself.
    private var isConnectedToItself: Bool { SocketAddress(localEndOf: descriptor) == address }

    private var name: String { "GET \(check?.path ?? "/") at \(address)" }

    private static func isLater(_ count: Int) -> Bool { count == -Int(EAGAIN) || count == -Int(EINTR) }

    private static func describe(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }

    /// `path` comes from a table; a byte that could end the request line is sent escaped.
    private static func request(_ path: String, host: String) -> [UInt8] {
        var line = Array("GET ".utf8)
        for byte in path.utf8 {
            if byte > 0x20, byte < 0x7f {
                line.append(byte)
            } else {
                line += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
            }
        }
        let fields = "host: \(host)\r\nuser-agent: turnout-health-check\r\naccept: */*\r\nconnection: close\r\n\r\n"
        return line + " HTTP/1.1\r\n".utf8 + fields.utf8
    }
}
