import CEventLoop
import Glibc

/// One connection to the admin port: read a head, send an answer, close.
struct AdminConnection {
    enum Progress {
        case goesOn
        case isOver
    }

    /// A larger head is answered 431.
    static let headLimit = 8192
    static let timeoutMilliseconds = 2000

    let descriptor: Int32
    private(set) var deadline: MonotonicTime
    private var received: [UInt8] = []
    private var answer: [UInt8] = []
    private var sent = 0
    private var isDraining = false

    init(descriptor: Int32, now: MonotonicTime) {
        self.descriptor = descriptor
        deadline = now.advanced(milliseconds: Self.timeoutMilliseconds)
    }

    /// Nothing came yet: the first to go when others wait for a place.
    var isSilent: Bool { received.isEmpty }

    var awaitedEvents: Int16 { Int16(answer.isEmpty || isDraining ? POLLIN : POLLOUT) }

    /// Does what the socket allows now, without waiting.
    mutating func advance(respond: (AdminRequest) -> AdminResponse) -> Progress {
        if isDraining { return drain() }
        if answer.isEmpty {
            guard case .goesOn = receive() else { return .isOver }
            switch AdminRequest.parse(received) {
            case .incomplete:
                guard received.count > Self.headLimit else { return .goesOn }
                answer = AdminResponse.error(431, "head_too_large", "The request's head is over 8 KiB.")
                    .serialized(isHeadOnly: false)
            case .malformed:
                answer = AdminResponse.error(400, "invalid", "This is not an HTTP/1.1 request.")
                    .serialized(isHeadOnly: false)
            case .request(let request):
                answer = respond(request).serialized(isHeadOnly: request.method == "HEAD")
            }
            // A page of thousands of endpoints takes its time, which is not the peer's.
            deadline = MonotonicTime.now().advanced(milliseconds: Self.timeoutMilliseconds)
        }
        return send()
    }

    private mutating func receive() -> Progress {
        while received.count <= Self.headLimit {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = unsafe turnout_receive(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 { unsafe received.append(contentsOf: buffer.prefix(count)) }
                return count
            }
            if count == 0 { return .isOver }
            if count < 0 { return count == -Int(EAGAIN) || count == -Int(EINTR) ? .goesOn : .isOver }
        }
        return .goesOn
    }

    private mutating func send() -> Progress {
        while sent < answer.count {
            let count = unsafe answer.withUnsafeBytes { bytes in
                unsafe turnout_send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            if count < 0 { return count == -Int(EAGAIN) || count == -Int(EINTR) ? .goesOn : .isOver }
            sent += count
            deadline = MonotonicTime.now().advanced(milliseconds: Self.timeoutMilliseconds)
        }
        // Closing with unread bytes would reset the connection and could take the answer with it.
        shutdown(descriptor, Int32(SHUT_WR))
        isDraining = true
        return drain()
    }

    /// What is still coming is thrown away, until the peer closes or the deadline passes.
    private func drain() -> Progress {
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            for _ in 0..<16 {
                let count = unsafe turnout_receive(descriptor, buffer.baseAddress, buffer.count)
                if count == 0 { return .isOver }
                if count < 0 { return count == -Int(EAGAIN) || count == -Int(EINTR) ? .goesOn : .isOver }
            }
            return .goesOn
        }
    }
}
