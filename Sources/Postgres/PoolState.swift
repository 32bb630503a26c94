/// Who has which connection. Guarded by the pool's lock; callers do the input and output that it asks for.
struct PoolState {
    /// What a caller gets: a connection, or leave to open one.
    enum Slot: Sendable {
        case connection(PostgresConnection)
        case permit
    }

    typealias WaiterContinuation = CheckedContinuation<Slot, any Error>

    /// What to do with a caller that asks.
    enum Decision {
        case take(Slot)
        case wait
        case refuse(PostgresError)
    }

    private struct WeakConnection {
        weak var connection: PostgresConnection?
    }

    private(set) var isClosed = false
    private(set) var idle: [PostgresConnection] = []
    /// Connections that exist or are being opened: idle and lent ones.
    private(set) var openCount = 0
    private(set) var waiters: [(id: UInt64, continuation: WaiterContinuation)] = []
    private var lastID: UInt64 = 0
    private var listeners: [WeakConnection] = []
    private var emptyContinuations: [CheckedContinuation<Void, Never>] = []

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func ask(_ configuration: PostgresConfiguration) -> Decision {
        guard !isClosed else { return .refuse(.shutDown) }
        if let connection = idle.popLast() { return .take(.connection(connection)) }
        if openCount < configuration.maximumConnections {
            openCount += 1
            return .take(.permit)
        }
        guard waiters.count < configuration.maximumWaiters else {
            return .refuse(PostgresError(.acquireTimedOut, "\(waiters.count) callers wait for a connection already"))
        }
        return .wait
    }

    mutating func addWaiter(_ id: UInt64, _ continuation: WaiterContinuation) { waiters.append((id, continuation)) }

    mutating func removeWaiter(_ id: UInt64) -> WaiterContinuation? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).continuation
    }

    /// What becomes of a good connection that comes back.
    enum Return {
        case handOver(WaiterContinuation)
        case keep
        case discard
    }

    mutating func giveBack(_ connection: PostgresConnection) -> Return {
        if isClosed { return .discard }
        if !waiters.isEmpty { return .handOver(waiters.removeFirst().continuation) }
        idle.append(connection)
        return .keep
    }

    /// Counts a connection out. Returns who may open another in its place, and who waits for the pool to be empty.
    mutating func countOut() -> (next: WaiterContinuation?, finished: [CheckedContinuation<Void, Never>]) {
        if !waiters.isEmpty { return (waiters.removeFirst().continuation, []) }
        openCount -= 1
        guard isClosed, openCount == 0 else { return (nil, []) }
        defer { emptyContinuations = [] }
        return (nil, emptyContinuations)
    }

    /// Remembers a listener, without keeping it open, so that `close` can end it.
    /// - Returns: whether the listener may go on.
    mutating func addListener(_ connection: PostgresConnection) -> Bool {
        guard !isClosed else { return false }
        listeners.removeAll { $0.connection == nil }
        listeners.append(WeakConnection(connection: connection))
        return true
    }

    mutating func close() -> ([PostgresConnection], [WaiterContinuation], [PostgresConnection]) {
        defer {
            isClosed = true
            openCount -= idle.count
            idle = []
            waiters = []
            listeners = []
        }
        return (idle, waiters.map(\.continuation), listeners.compactMap(\.connection))
    }

    /// Whether nothing is lent any more; if something is, the continuation is kept until then.
    mutating func awaitEmpty(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        if openCount == 0 { return true }
        emptyContinuations.append(continuation)
        return false
    }
}
