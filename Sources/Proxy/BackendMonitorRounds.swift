import Glibc
import Logging
import Resources

/// The monitor's work, one round after the other: which backends there are, what is due, what came back. Confined to
/// the monitor's thread.
struct MonitorRounds {
    /// A probe that is due.
    private struct Due {
        let slot: Int
        /// The chain of probes that it belongs to; stale once the slot has another one.
        let chain: UInt64
    }

    private struct Running {
        var probe: HealthProbe
        let due: Due
    }

    /// Probes without a verdict at one time; what is due beyond that waits.
    private static let runningLimit = 128
    /// Judged probes whose scorer has not closed yet, at one time; beyond that they are cut.
    private static let drainingLimit = 128
    private static let connectTimeoutMilliseconds = 1000
    /// How often the loops' failure counters and the directory are looked at.
    static let lookMilliseconds = 50

    let directory: BackendDirectory
    private let resolver: NameResolver
    private let board: Mailbox<SlotTable<BackendStatus>>
    private let logger: Logger
    let outlierRules: OutlierRules
    var targets = SlotTable<MonitoredBackend>()
    /// The loops' failure counters at the last look, apart from the rest: ten thousand are read 20 times a second.
    private var counters: [(slot: Int, seen: Int)] = []
    /// The outliers, by when they come back.
    var outliers = DueQueue<BackendDirectory.Registration>()
    private var slotsByName: [String: [Int]] = [:]
    private var queue = DueQueue<Due>()
    private var running: [Running] = []
    private var seenChanges: UInt64?
    private var chains: UInt64 = 0
    /// Whether something changed that the control plane should hear of.
    var isNewsworthy = false

    init(
        directory: BackendDirectory, resolver: NameResolver, board: Mailbox<SlotTable<BackendStatus>>,
        outlierRules: OutlierRules, logger: Logger
    ) {
        self.directory = directory
        self.resolver = resolver
        self.board = board
        self.logger = logger
        self.outlierRules = outlierRules
    }

    /// One round: never waits.
    ///
    /// - Returns: whether a backend's health or addresses changed.
    mutating func turn(answers: [NameAnswer], now: MonotonicTime) -> Bool {
        isNewsworthy = false
        synchronise(now)
        for answer in answers { take(answer) }
        lookAtFailures(now)
        readmitOutliers(now)
        startProbes(now)
        return isNewsworthy
    }

    /// Waits until a probe or the waker has something, or something falls due; then serves the probes.
    ///
    /// - Returns: whether a backend's health changed.
    mutating func wait(_ waker: Waker) -> Bool {
        isNewsworthy = false
        var watched = running.map { pollfd(fd: $0.probe.descriptor, events: $0.probe.awaitedEvents, revents: 0) }
        watched.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
        let before = MonotonicTime.now()
        var until = before.advanced(milliseconds: Self.lookMilliseconds)
        for one in running { until = min(until, one.probe.deadline) }
        if running.count < Self.runningLimit, let due = queue.nextDue { until = min(until, due) }
        _ = unsafe poll(&watched, nfds_t(watched.count), until.pollTimeout(from: before))
        waker.drain()
        serve(watched, .now())
        return isNewsworthy
    }

    func closeAll() {
        for one in running { one.probe.close() }
    }

    // MARK: Backends

    private mutating func synchronise(_ now: MonotonicTime) {
        let changes = directory.changeCount
        guard changes != seenChanges else { return }
        seenChanges = changes
        let registrations = directory.registrations()
        var kept: [(slot: Int, element: MonitoredBackend)] = []
        kept.reserveCapacity(registrations.count)
        var fresh: [MonitoredBackend] = []
        for registration in registrations {
            if let old = targets[registration.slot], old.registration == registration {
                kept.append((registration.slot, old))
                continue
            }
            var target = MonitoredBackend(registration, at: .wallClock())
            if let check = registration.check {
                // First probes come soon, but not all at once.
                beginProbes(of: &target, after: Int.random(in: 0...max(0, min(check.every.milliseconds, 500))), now)
            }
            kept.append((registration.slot, target))
            fresh.append(target)
        }
        let seen = Dictionary(counters.map { ($0.slot, $0.seen) }, uniquingKeysWith: { first, _ in first })
        let before = targets
        targets = SlotTable(kept)
        counters = targets.values.map(\.registration).map { registration in
            let isSame = before[registration.slot]?.registration.incarnation == registration.incarnation
            return (registration.slot, isSame ? seen[registration.slot] ?? 0 : 0)
        }
        slotsByName = Dictionary(grouping: targets.values.filter(\.isName), by: \.registration.backend.host)
            .mapValues { $0.map(\.registration.slot) }
        adoptAddresses(fresh)
        resolver.watch(Set(slotsByName.keys))
        let statuses = SlotTable(kept.map { ($0.slot, $0.element.status) })
        board.change { $0 = statuses }
        for target in fresh { settle(target.registration.slot) }
        isNewsworthy = true
    }

    /// A second backend on a host that is already known need not wait for its name's next turn.
    private mutating func adoptAddresses(_ fresh: [MonitoredBackend]) {
        for target in fresh where target.isName && !target.isResolved {
            let siblings = slotsByName[target.registration.backend.host] ?? []
            guard let known = siblings.compactMap({ targets[$0] }).first(where: \.isResolved) else { continue }
            publish(known.addresses, error: known.resolutionError, at: target.registration.slot)
        }
    }

    /// Starts a chain of probes: each one's verdict makes the next one due.
    private mutating func beginProbes(
        of target: inout MonitoredBackend, after milliseconds: Int, _ now: MonotonicTime
    ) {
        chains += 1
        target.chain = chains
        let due = Due(slot: target.registration.slot, chain: chains)
        queue.push(due, due: now.advanced(milliseconds: milliseconds))
    }

    // MARK: Names

    private mutating func take(_ answer: NameAnswer) {
        for slot in slotsByName[answer.name] ?? [] {
            switch answer.result {
            case .success(let addresses): publish(addresses, error: nil, at: slot)
            case .failure(let error): publish(nil, error: error.message, at: slot)
            }
        }
    }

    /// - Parameter addresses: `nil`: the last good ones stay.
    private mutating func publish(_ addresses: [SocketAddress]?, error: String?, at slot: Int) {
        guard var target = targets[slot] else { return }
        let port = target.registration.backend.port
        let new = addresses.map { $0.prefix(BackendSlots.maximumAddresses).map { $0.with(port: port) } }
        let isChanged = new.map { $0 != target.addresses } ?? false
        if isChanged, let new {
            directory.update(target.registration) { $0.publish(slot, addresses: new) }
            target.addresses = new
        }
        if isChanged || !target.isResolved || target.resolutionError != error { isNewsworthy = true }
        target.isResolved = true
        target.resolutionError = error
        targets[slot] = target
        show(target)
    }

    // MARK: Passive ejection

    private mutating func lookAtFailures(_ now: MonotonicTime) {
        let slots = directory.slots
        for index in counters.indices {
            let (slot, seen) = counters[index]
            let failures = slots.failures(slot)
            if failures.requests >= outlierRules.failures { noticeOutlier(failures.requests, at: slot, now) }
            guard failures.connects != seen else { continue }
            counters[index].seen = failures.connects
            // Fewer than before: a connect succeeded in between, or the backend was let in again.
            if failures.connects > 0 { noticeFailures(failures.connects, at: slot, now) }
        }
    }

    private mutating func noticeFailures(_ failures: Int, at slot: Int, _ now: MonotonicTime) {
        guard var target = targets[slot] else { return }
        if target.isName { resolver.hurry(target.registration.backend.host) }
        guard failures >= PassiveEjection.threshold, !target.ejection.isEjected else { return }
        let wait = target.ejection.eject("\(failures) connections in a row failed", now: now)
        if target.registration.check == nil { beginProbes(of: &target, after: wait, now) }
        targets[slot] = target
        settle(slot)
    }

    // MARK: Probes

    private mutating func startProbes(_ now: MonotonicTime) {
        let waiting = running.count { !$0.probe.isDraining }
        for _ in 0..<max(0, Self.runningLimit - waiting) {
            guard let due = queue.pop(dueBy: now) else { return }
            guard var target = targets[due.slot], target.chain == due.chain else { continue }
            guard !target.addresses.isEmpty else {
                conclude(due, .failed(target.resolutionError ?? "its name is not resolved yet"), now)
                continue
            }
            let address = target.addresses[target.turn % target.addresses.count]
            target.turn += 1
            targets[due.slot] = target
            let (probe, failure) = HealthProbe.start(
                address, host: target.registration.backend.authority, check: target.registration.check,
                timeoutMilliseconds: target.registration.check?.timeout.milliseconds ?? Self.connectTimeoutMilliseconds,
                now: now)
            if let probe {
                running.append(Running(probe: probe, due: due))
            } else {
                conclude(due, .failed(failure), now)
            }
        }
    }

    private mutating func serve(_ watched: [pollfd], _ now: MonotonicTime) {
        let served = running
        running = []
        var draining = 0
        for (index, one) in served.enumerated() {
            var one = one
            var isOver = false
            if watched[index].revents != 0 {
                switch one.probe.advance() {
                case .waiting: break
                case .over: isOver = true
                case .judged(let verdict):
                    conclude(one.due, verdict, now)
                    isOver = !one.probe.isDraining
                }
            }
            if !isOver, one.probe.deadline <= now {
                if !one.probe.isDraining { conclude(one.due, one.probe.timeoutVerdict, now) }
                isOver = true
            }
            if one.probe.isDraining {
                draining += 1
                if draining > Self.drainingLimit { isOver = true }
            }
            if isOver { one.probe.close() } else { running.append(one) }
        }
    }

    private mutating func conclude(_ due: Due, _ verdict: HealthProbe.Verdict, _ now: MonotonicTime) {
        guard var target = targets[due.slot], target.chain == due.chain else { return }
        if let wait = target.record(verdict, now: now) {
            queue.push(due, due: now.advanced(milliseconds: Self.jittered(wait)))
        } else {
            target.chain = nil
        }
        targets[due.slot] = target
        if case .failed = verdict, target.isName { resolver.hurry(target.registration.backend.host) }
        settle(due.slot)
    }

    /// Tells the loops and the board what is thought of a backend now.
    private mutating func settle(_ slot: Int) {
        guard var target = targets[slot] else { return }
        let wasEjected = !target.isHealthy
        let isOutlier = target.outlier.isEjected
        if target.reconsider(at: .wallClock()) {
            isNewsworthy = true
            let isHealthy = target.isHealthy
            directory.update(target.registration) { slots in
                if wasEjected { slots.clearConnectFailures(slot) }
                slots.setHealthy(slot, isHealthy)
                slots.setOutlier(slot, isOutlier)
            }
            targets[slot] = target
        }
        show(target)
    }

    func show(_ target: MonitoredBackend) {
        let slot = target.registration.slot
        let status = target.status
        let before = board.withLock { $0[slot] }
        guard before != status else { return }
        board.change { $0[slot] = status }
        if let before { log(status, after: before) }
    }

    /// One line a change of health, not a probe.
    private func log(_ status: BackendStatus, after before: BackendStatus) {
        let metadata: Logger.Metadata = [
            "backend": "\(status.checked.healthKey)", "error": "\(status.lastError ?? "none")",
        ]
        switch (before.isHealthy, status.isHealthy) {
        case (false, true): logger.notice("backend is healthy again", metadata: metadata)
        case (true, false): logger.warning("backend is unhealthy", metadata: metadata)
        default: break
        }
        switch (before.isOutlier, status.isOutlier) {
        case (true, false): logger.notice("backend gets requests again", metadata: metadata)
        case (false, true): logger.warning("backend fails and is left out for a while", metadata: metadata)
        default: break
        }
    }

    /// 95 to 105 %, so that checks that started together drift apart.
    private static func jittered(_ milliseconds: Int) -> Int {
        milliseconds - milliseconds / 20 + Int.random(in: 0...max(1, milliseconds / 10))
    }
}
