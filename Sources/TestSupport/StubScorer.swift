import Glibc
import Synchronization

/// A scorer for tests: an HTTP/1.1 server on loopback whose answers name its version and echo what it received.
///
/// Plain threads and blocking sockets, so that it shares nothing with what it tests. Every answer is 200 with the JSON
/// body `{"version":"…","method":"…","path":"…","bodyBytes":N}` unless `behaviour` says otherwise; a body is counted
/// and hashed, never kept. All functions may be called from any thread.
package final class StubScorer: Sendable {
    /// How the scorer answers; may be changed while it runs, for the requests after.
    package struct Behaviour: Sendable {
        package enum Framing: Sendable { case contentLength, chunked, closeDelimited }

        package var status = 200
        /// Instead of `status`, by path.
        package var statusByPath: [String: Int] = [:]
        /// Waited before answering.
        package var delay = Duration.zero
        package var framing = Framing.contentLength
        /// The connection is closed after the answer, and the answer says so.
        package var closesAfterAnswer = false
        /// The connection is closed after the answer without a word: a kept-alive connection that went stale.
        package var closesSilently = false
        /// The connection is reset instead of answering.
        package var diesBeforeAnswer = false
        /// The answer is cut by a reset in the middle of its body.
        package var diesInAnswer = false
        /// Sent instead of an answer, as it stands; the connection is closed after.
        package var rawAnswer: [UInt8]?
        /// Sent before the answer: `HTTP/1.1 103 Early Hints\r\n\r\n`, say.
        package var interim: [UInt8] = []
        /// The body; absent: the JSON described above.
        package var body: [UInt8]?
        /// Repeats the body's last byte until it is this long; for big answers without big memory.
        package var bodyBytes = 0
        package var headers: [String] = []
        package var trailers: [String] = []

        package init() {}
    }

    /// A request as the scorer saw it.
    package struct Received: Sendable, Hashable {
        package var method: String
        package var path: String
        /// Lines of the head after the first, as they came.
        package var headers: [String]
        package var bodyBytes: Int
        /// FNV-1a, 64 bits, of the body without its chunk framing.
        package var bodyHash: UInt64

        /// The values of a header, by its name in any case.
        package func values(_ name: String) -> [String] {
            headers.compactMap { line in
                guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased()
                else { return nil }
                return String(line[line.index(after: colon)...].drop { $0 == " " })
            }
        }
    }

    struct State {
        var behaviour: Behaviour
        var received: [Received] = []
        var requestCount = 0
        var connectionCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    package let version: String
    package let port: UInt16
    private let listener: Int32
    let state: Mutex<State>
    /// Requests remembered for `received`; older ones are only counted.
    static let remembered = 10_000

    /// Listens at once.
    /// - Parameter port: 0 for any free one; a scorer that comes back takes the port it had.
    package init(version: String, port: UInt16 = 0, behaviour: Behaviour = Behaviour()) throws {
        self.version = version
        self.state = Mutex(State(behaviour: behaviour))
        (self.listener, self.port) = try StubScorerSocket.listen(port: port)
        StubScorerSocket.spawn { [self] in acceptConnections() }
    }

    package var authority: String { "127.0.0.1:\(port)" }

    package var behaviour: Behaviour {
        get { state.withLock { $0.behaviour } }
        set { state.withLock { $0.behaviour = newValue } }
    }

    /// The requests whose bodies arrived whole, in the order of their ends.
    package var received: [Received] { state.withLock { $0.received } }
    package var requestCount: Int { state.withLock { $0.requestCount } }
    /// Connections accepted so far.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }
    package var openConnections: Int { state.withLock { $0.open.count } }

    /// Stops listening and resets every connection, like a process that was killed.
    package func stop() {
        // Once, and under the lock: a descriptor that was closed meanwhile may already be somebody else's.
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.open {
                StubScorerSocket.resetOnClose(descriptor)
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
    }

    /// Closes the connections that are open now, and goes on listening.
    package func closeConnections() {
        state.withLock { state in
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Says something on every connection that is open now, which nobody asked for.
    package func say(_ text: String) {
        state.withLock { state in
            for descriptor in state.open { _ = StubScorerSocket.send(descriptor, Array(text.utf8)) }
        }
    }

    private func acceptConnections() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let isStopped = state.withLock { state in
                state.connectionCount += 1
                if !state.isStopped { state.open.insert(descriptor) }
                return state.isStopped
            }
            if isStopped {
                close(descriptor)
                break
            }
            StubScorerSocket.spawn { [self] in
                var connection = StubScorerConnection(descriptor: descriptor, scorer: self)
                connection.serve()
                _ = state.withLock { $0.open.remove(descriptor) }
                close(descriptor)
            }
        }
        close(listener)
    }
}
