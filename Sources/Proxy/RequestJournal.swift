import CEventLoop
import Glibc
import Logging
import Resources
import Synchronization

/// Keeps what the loops write down: the slow requests in memory, sampled and failed ones in the access log.
///
/// Loops write into rings and never wait. Whoever holds the lock reads them: a thread of the journal's own, whoever asks for
/// the slow requests, and whoever is about to give the numbers in them to other names. Only the journal's thread writes to
/// the file, and never under the lock.
final class RequestJournal: Sendable {
    /// Why a line is missing in the access log.
    enum Loss: String, CaseIterable {
        /// More came at once than is kept until it is written.
        case buffer
        /// More than so many a second were not wanted.
        case rate
        /// The file did not take it.
        case write
    }

    private struct State {
        var slow: BoundedHistory<FinishedRequest>
        var allowance: LineAllowance
        /// Lines that wait for the file, and how many there are.
        var lines: [UInt8] = []
        var waiting = 0
        var written: UInt64 = 0
        var lost: [Loss: UInt64] = [:]
        var isStopping = false
    }

    /// A power of two for each loop: what comes in while the thread sleeps must fit.
    private static let ringCapacity = 1024
    private static let mostWaitingBytes = 1 << 22

    let rings: [RecordRing]
    private let configuration: ProxyConfiguration
    private let counters: CounterDirectory
    private let backends: BackendDirectory
    private let logger: Logger
    private let waker: Waker
    private let state: Mutex<State>
    private let file: Mutex<AccessLogFile?>
    private let thread = Mailbox<OffPathThread.Handle?>(nil)

    /// - Throws: `TurnoutError` with code `invalid` when the access log can't be opened, `unavailable` when the system has no
    ///   descriptor or address space left.
    init(
        _ configuration: ProxyConfiguration, counters: CounterDirectory, backends: BackendDirectory, logger: Logger
    ) throws(TurnoutError) {
        let rings = (0..<configuration.threads).compactMap { _ in RecordRing(capacity: Self.ringCapacity) }
        guard rings.count == configuration.threads, let waker = Waker() else {
            throw TurnoutError(.unavailable, "There is no room for the proxy's record of slow requests.")
        }
        var file: AccessLogFile?
        if let log = configuration.accessLog { file = try AccessLogFile(path: log.path) }
        self.rings = rings
        self.configuration = configuration
        self.counters = counters
        self.backends = backends
        self.logger = logger
        self.waker = waker
        self.file = Mutex(file)
        let allowance = LineAllowance(
            perSecond: configuration.accessLog?.rate ?? 1, now: turnout_monotonic_nanoseconds())
        state = Mutex(State(slow: BoundedHistory(capacity: configuration.slowRequestsKept), allowance: allowance))
    }

    deinit {
        for ring in rings { ring.deallocate() }
        file.withLock { $0?.close() }
    }

    /// - Throws: `TurnoutError` with code `unavailable` when the system gives no thread. Call it once.
    func start() throws(TurnoutError) {
        guard let handle = OffPathThread.start("turnout-journal", { [self] in run() }) else {
            throw TurnoutError(.unavailable, "There is no thread left for the record of slow requests.")
        }
        thread.change { $0 = handle }
    }

    /// Writes what is still to be written and returns once the thread has ended; to be called after the loops'. Safe to call
    /// more than once.
    func stop() {
        state.withLock { $0.isStopping = true }
        waker.poke()
        let handle = thread.withLock { handle in
            defer { handle = nil }
            return handle
        }
        handle?.join()
    }

    // MARK: Reading

    /// The newest first.
    func slowRequests() -> [FinishedRequest] {
        collect()
        return state.withLock { $0.slow.newestFirst }
    }

    /// Lines in the access log, and lines that are missing there, by reason.
    func lines() -> (written: UInt64, lost: [Loss: UInt64]) {
        var (written, lost) = state.withLock { ($0.written, $0.lost) }
        lost[.buffer, default: 0] += counters.unlogged
        return (written, lost)
    }

    /// Takes over what the loops wrote, with the names that its numbers stand for now.
    func collect() {
        state.withLock { state in
            let now = turnout_monotonic_nanoseconds()
            let wall = Timestamp.wallClock().microseconds
            for ring in rings {
                ring.readAll { record, id in
                    let isLogged = record.isLogged && takesLine(&state, now)
                    guard record.isSlow || isLogged else { return }
                    let age = now > record.finishedAt ? Int64((now - record.finishedAt) / 1000) : 0
                    let request = finished(record, id, at: Timestamp(microseconds: wall - age))
                    if record.isSlow { state.slow.append(request) }
                    if isLogged { addLine(request, &state) }
                }
            }
        }
    }

    private func takesLine(_ state: inout State, _ now: UInt64) -> Bool {
        guard state.lines.count < Self.mostWaitingBytes else {
            state.lost[.buffer, default: 0] += 1
            return false
        }
        guard state.allowance.take(now: now) else {
            state.lost[.rate, default: 0] += 1
            return false
        }
        return true
    }

    private func addLine(_ request: FinishedRequest, _ state: inout State) {
        var json = JSONText()
        request.write(into: &json)
        state.lines += Array(json.text.utf8) + [0x0a]
        state.waiting += 1
    }

    private func finished(_ record: RequestRecord, _ id: Bytes, at time: Timestamp) -> FinishedRequest {
        let key = counters.key(of: Int(record.block))
        let variant = key?.variant ?? ""
        let method = (0..<8).map { UInt8(truncatingIfNeeded: record.method >> ($0 * 8)) }.prefix { $0 != 0 }
        return FinishedRequest(
            finishedAt: time, duration: .nanoseconds(Int64(clamping: record.nanoseconds)), endpoint: key?.endpoint,
            variant: variant.isEmpty ? nil : variant, version: variant.isEmpty ? nil : key?.version,
            reason: variant.isEmpty ? nil : Bytes(record.reason.text).string,
            backend: record.slot < 0 ? nil : backends.backend(of: Int(record.slot))?.description,
            method: method.isEmpty ? nil : String(decoding: method, as: UTF8.self),
            status: record.status == 0 ? nil : Int(record.status), error: record.end.code,
            attempts: Int(record.sendings), requestBytes: record.requestBytes, answerBytes: record.answerBytes,
            traceID: record.trace.text, requestID: id.isEmpty ? record.trace.text : id.string)
    }

    // MARK: Writing

    private func run() {
        // A reader of standard output that went away is no reason to end.
        var pipes = sigset_t()
        unsafe sigemptyset(&pipes)
        unsafe sigaddset(&pipes, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &pipes, nil)
        let period = configuration.accessLog == nil ? 250 : 25
        var isFailing = false
        var looksAgain = MonotonicTime.now().advanced(milliseconds: 1000)
        while true {
            let isLast = state.withLock { $0.isStopping }
            collect()
            let now = MonotonicTime.now()
            var error: Int32 = 0
            if now >= looksAgain {
                error = file.withLock { $0?.followPath() ?? 0 }
                looksAgain = now.advanced(milliseconds: 1000)
            }
            let written = writeLines()
            noteHealth(error != 0 ? error : written.error, written, &isFailing)
            if isLast { return }
            var watched = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&watched, 1, Int32(period))
            waker.drain()
        }
    }

    private func writeLines() -> AccessLogFile.Written {
        let (lines, count) = state.withLock { state in
            defer { (state.lines, state.waiting) = ([], 0) }
            return (state.lines, state.waiting)
        }
        guard count > 0 else { return .init() }
        let written = file.withLock { $0?.write(lines) ?? .init(lost: count) }
        state.withLock { state in
            state.written += UInt64(written.lines)
            if written.lost > 0 { state.lost[.write, default: 0] += UInt64(written.lost) }
        }
        return written
    }

    /// One line when it begins to fail, and one when it works again.
    private func noteHealth(_ error: Int32, _ written: AccessLogFile.Written, _ isFailing: inout Bool) {
        if error != 0, !isFailing {
            isFailing = true
            logger.error(
                "The access log can't be written; what is missing in it is counted",
                metadata: ["error.message": "\(AccessLogFile.reason(error))"])
        } else if isFailing, error == 0, written.lines > 0 {
            isFailing = false
            logger.notice("The access log is written again")
        }
    }
}
