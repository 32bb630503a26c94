import SoakHistory
import TestSupport

/// The schedule of a run: rounds, in each of which clients work, faults are made and healed, and everything must come
/// into step again. Seeded: the same seed makes the same faults in the same order.
struct Rounds: Sendable {
    private static let idleLimit = Duration.seconds(90)
    /// Clients ask for none that lasts longer.
    private static let longestHold = Duration.seconds(5)
    private static let look = Duration.milliseconds(20)
    /// A transaction that is still there after so many looks, so far apart, is no passing one, however busy the machine.
    private static let lingering = (looks: 10, apart: Duration.milliseconds(400))
    /// What is over in an instant, and may happen beside anything else.
    private static let brief: [FaultKind] = [.cutBeforeCommit, .cutAfterCommit, .cutConnections, .terminateSessions]

    let installation: Installation
    let history: HistoryWriter
    let gate: Gate
    let faults: [FaultKind]
    /// Puts holds on endpoints that last less than `longestHold`.
    let leaveHolds: @Sendable () async throws -> Void
    let say: @Sendable (String) -> Void

    /// Runs rounds until `isEnough` says so and every fault had its turn.
    func run(seed: UInt64, isEnough: () -> Bool) async throws {
        var generator = SeededGenerator(seed: seed, stream: 0)
        let injector = FaultInjector(installation: installation, history: history)
        var turn = 0
        var deck = faults.shuffled(using: &generator)
        // The first one without a fault: whatever is checked is checked before any clock has jumped too.
        try await round(nil, injector, using: &generator)
        while !isEnough() || turn < faults.count {
            if !deck.isEmpty, turn > 0, turn.isMultiple(of: deck.count) { deck.shuffle(using: &generator) }
            try await round(deck.isEmpty ? nil : deck[turn % deck.count], injector, using: &generator)
            turn += 1
        }
        // Nobody asks for anything any more, and holds still end by themselves.
        try await leaveHolds()
        try await Task.sleep(for: Self.longestHold)
        try await settle(after: nil)
    }

    private func round(
        _ fault: FaultKind?, _ injector: FaultInjector, using generator: inout SeededGenerator
    ) async throws {
        gate.open()
        try await pause(300...900, using: &generator)
        let healing =
            if let fault { try await injector.make(fault, using: &generator) } else { nil as FaultInjector.Healing? }
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            try await pause(50...400, using: &generator)
            guard let brief = Self.brief.filter(faults.contains).randomElement(using: &generator) else { continue }
            _ = try await injector.make(brief, using: &generator)
        }
        // Half the time the last changes are made before the healing, so that what they should have set off is lost.
        let closesEarly = generator.chance(0.5)
        if closesEarly { gate.close() }
        try await pause(100...1500, using: &generator)
        try await healing?()
        if !closesEarly {
            try await pause(100...500, using: &generator)
            gate.close()
        }
        try await settle(after: fault)
    }

    /// Waits until every client has its answer and everything is in step, and records how long the latter took.
    private func settle(after fault: FaultKind?) async throws {
        try await eventually(deadline: Self.idleLimit, "the end of every client's operation") { gate.isEmpty }
        try await installation.serversAreReady()
        let healed = ContinuousClock.now
        var state = try await installation.observer.state()
        let proxies = installation.proxies.count
        while !state.isInStep(proxies: proxies), .now - healed < Settlement.limit {
            try await Task.sleep(for: Self.look)
            state = try await installation.observer.state()
        }
        let took = state.isInStep(proxies: proxies) ? Int((ContinuousClock.now - healed) / .milliseconds(1)) : nil
        let at = history.now
        var lingering = try await installation.observer.openTransactions()
        let clock = try await installation.observer.clock()
        for look in 1...Self.lingering.looks where look == 1 || !lingering.isEmpty {
            try await Task.sleep(for: Self.lingering.apart)
            lingering.formIntersection(try await installation.observer.openTransactions())
        }
        let until = history.now
        let later = try await installation.observer.state()
        let isStill = took != nil && later == state
        try history.append(
            .settlement(
                Settlement(
                    at: at, milliseconds: took, newestRelease: state.newestRelease, generation: state.generation,
                    tableRelease: state.tableRelease, digest: state.digest, proxies: state.proxies,
                    lingering: lingering.sorted(), sessions: installation.servers.map(\.relay.connectionCount),
                    stillness: isStill ? .init(until: until, moment: clock) : nil)))
        let settled = took.map { "in step after \($0) ms" } ?? "NOT in step after \(Settlement.limit)"
        say("\(Self.seconds(at)) s  \(fault?.rawValue ?? "no fault"): release \(state.newestRelease), \(settled)")
    }

    private static func seconds(_ moment: RunMoment) -> String {
        "\(moment / 1_000_000).\(moment / 100_000 % 10)"
    }

    private func pause(_ milliseconds: ClosedRange<Int>, using generator: inout SeededGenerator) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: milliseconds, using: &generator)))
    }
}
