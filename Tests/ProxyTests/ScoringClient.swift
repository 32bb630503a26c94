import Glibc

/// A blocking HTTP/1.1 client that sends exactly the bytes it is given, and reads answers strictly.
final class ScoringClient {
    struct Answer {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
        subscript(name: String) -> String? { values(name).first }
        var text: String { String(decoding: body, as: UTF8.self) }
        /// Of an answer of Turnout's own.
        var code: String? {
            text.split(separator: "\"").drop { $0 != "code" }.dropFirst(2).first.map(String.init)
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private var input: [UInt8] = []

    /// - Parameter receiveBuffer: a small one makes a slow reader felt early.
    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "can't connect to \(port): errno \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: errno \(errno)") }
            sent += count
        }
    }

    /// Has the connection reset when it is closed: the client is gone, not merely silent.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// - Returns: empty at the end of the stream.
    func receive() throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if received < 0 { failure = errno }
            count = max(0, received)
        }
        guard failure == 0 else { throw Failure(description: "receive: errno \(failure)") }
        return bytes
    }

    /// Everything until the end of the stream.
    func receiveAll() throws -> [UInt8] {
        defer { input = [] }
        while true {
            let bytes = try receive()
            if bytes.isEmpty { return input }
            input += bytes
        }
    }

    /// Whether the stream has ended, or was reset, with nothing more to read.
    func isAtEnd() -> Bool { input.isEmpty && ((try? receive().isEmpty) ?? true) }

    /// Whether the stream ends, after whatever is still to be read, in a reset.
    func isReset() -> Bool {
        input = []
        while true {
            do { if try receive().isEmpty { return false } } catch {
                return "\(error)".hasSuffix("errno \(ECONNRESET)")
            }
        }
    }

    func answer(isHead: Bool = false) throws -> Answer {
        var answer = try head()
        if isHead || answer.status < 200 || answer.status == 204 || answer.status == 304 { return answer }
        if answer["transfer-encoding"] == "chunked" {
            while true {
                guard let size = Int(try line().prefix { $0 != ";" }, radix: 16) else {
                    throw Failure(description: "bad chunk size")
                }
                if size == 0 { break }
                answer.body += try take(size)
                _ = try line()
            }
            while case let trailer = try line(), !trailer.isEmpty {
                let parts = trailer.split(separator: ":", maxSplits: 1)
                answer.headers.append(
                    (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""))
            }
        } else if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.body = try take(length)
        } else {
            answer.body = try receiveAll()
        }
        return answer
    }

    private func head() throws -> Answer {
        let parts = try line().split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw Failure(description: "bad status line: \(parts)")
        }
        var answer = Answer(status: status, headers: [], body: [])
        while case let line = try line(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw Failure(description: "bad header: \(line)") }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            answer.headers.append((line[..<colon].lowercased(), String(value)))
        }
        return answer
    }

    private func line() throws -> String {
        var searched = 0
        while true {
            if let end = input[searched...].firstIndex(of: 0x0a) {
                defer { input.removeFirst(end + 1) }
                guard end > 0, input[end - 1] == 0x0d else { throw Failure(description: "a line ends in a bare LF") }
                return String(decoding: input[..<(end - 1)], as: UTF8.self)
            }
            searched = input.count
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while input.count < count { try fill() }
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    /// Waits for more bytes.
    func fill() throws {
        let bytes = try receive()
        guard !bytes.isEmpty else { throw Failure(description: "the stream ended early") }
        input += bytes
    }
}
