internal import Glibc

/// One kept-alive connection of a client that scores: blocking, on the caller's own thread, strict about what it reads.
package final class ScoringConnection {
    package struct Answer: Sendable {
        package let status: Int
        package let headers: [String: String]
        package let body: [UInt8]

        package var variant: String? { headers["x-turnout-variant"] }
        package var version: String? { headers["x-turnout-version"] }
        package var generation: Int? { headers["x-turnout-generation"].flatMap { Int($0) } }
        package var reason: String? { headers["x-turnout-reason"] }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects to a proxy on this machine; what it does not answer within 20 s fails.
    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw ProcessFailure("port \(port) refused: errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends one request and reads its answer whole.
    package func score(path: String, headers: [String: String] = [:], body: String = "{}") throws -> Answer {
        try ask(path: path, headers: headers, body: body)
        return try read()
    }

    /// Sends one request, whose answer is still to be read.
    package func ask(path: String, headers: [String: String] = [:], body: String = "{}") throws {
        var head = "POST \(path) HTTP/1.1\r\nHost: scoring.test\r\nContent-Length: \(body.utf8.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try write(Array((head + "\r\n" + body).utf8))
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ProcessFailure("the connection was cut while sending: errno \(errno)") }
            sent += count
        }
    }

    /// Whether something has come that nobody has read yet.
    package var hasAnswer: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) > 0
    }

    /// Reads one answer whole.
    package func read() throws -> Answer {
        while true {
            if let end = headEnd() {
                let head = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 4)
                return try answer(head: head)
            }
            try receive()
        }
    }

    private func answer(head: String) throws -> Answer {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, let status = Int(statusLine[1]) else {
            throw ProcessFailure("not a status line: \(lines.first ?? "")")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw ProcessFailure("not a header: \(line)") }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        guard let length = headers["content-length"].flatMap({ Int($0) }) else {
            throw ProcessFailure("an answer without a length: \(head)")
        }
        while buffer.count < length { try receive() }
        let body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return Answer(status: status, headers: headers, body: body)
    }

    private func headEnd() -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...buffer.count - 4).first {
            buffer[$0] == 13 && buffer[$0 + 1] == 10 && buffer[$0 + 2] == 13 && buffer[$0 + 3] == 10
        }
    }

    private func receive() throws {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw ProcessFailure("the connection was cut while reading: \(count), errno \(errno)") }
        buffer.append(contentsOf: chunk[..<count])
    }
}
