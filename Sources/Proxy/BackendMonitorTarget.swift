import Resources

/// One backend as the monitor's thread keeps it.
struct MonitoredBackend {
    let registration: BackendDirectory.Registration
    /// The registered checks, each with what its probes said so far.
    private(set) var judgements: [HealthCheck: HealthJudgement]
    /// The running chain of probes of each check, and (`nil`) of the one that follows an ejection.
    var chains: [HealthCheck?: UInt64] = [:]
    var ejection = PassiveEjection()
    var addresses: [SocketAddress]
    var isResolved: Bool
    var resolutionError: String?
    /// Rises with each probe, so that every address of a name has its turn.
    var turn = 0
    private(set) var isHealthy: Bool
    private(set) var since: Timestamp

    /// A file that asks for checks more often than this must not keep a core busy.
    private static let shortestPeriodMilliseconds = 10

    init(_ registration: BackendDirectory.Registration, at moment: Timestamp) {
        self.registration = registration
        judgements = Dictionary(uniqueKeysWithValues: registration.checks.map { ($0, HealthJudgement()) })
        let literal = SocketAddress(literal: registration.backend.host, port: registration.backend.port)
        addresses = literal.map { [$0] } ?? []
        isResolved = literal != nil
        isHealthy = true
        since = moment
    }

    /// Takes over what is known about the same backend; checks that both have keep their history.
    init(_ registration: BackendDirectory.Registration, succeeding old: MonitoredBackend) {
        self = old.replacing(registration)
    }

    private func replacing(_ registration: BackendDirectory.Registration) -> MonitoredBackend {
        var new = MonitoredBackend(registration, at: since)
        for check in registration.checks {
            new.judgements[check] = judgements[check] ?? HealthJudgement()
            new.chains[check] = chains[check]
        }
        if registration.checks.isEmpty { new.chains[nil] = chains[nil] }
        new.ejection = ejection
        new.addresses = addresses
        new.isResolved = isResolved
        new.resolutionError = resolutionError
        new.turn = turn
        new.isHealthy = isHealthy
        return new
    }

    var isName: Bool { SocketAddress(literal: registration.backend.host, port: 0) == nil }

    /// - Parameter check: `nil`: the probe that follows an ejection.
    /// - Returns: how long to wait, in milliseconds, until the same probe is due again; `nil` when it need not be.
    mutating func record(_ verdict: HealthProbe.Verdict, of check: HealthCheck?, now: MonotonicTime) -> Int? {
        guard let check else {
            guard ejection.isEjected else { return nil }
            switch verdict {
            case .passed:
                ejection.comeBack(now: now)
                return nil
            case .failed(let error): return ejection.probeFailed(error)
            }
        }
        guard var judgement = judgements[check] else { return nil }
        switch verdict {
        case .passed:
            judgement.succeeded()
            if ejection.isEjected { ejection.comeBack(now: now) }
        case .failed(let error): judgement.failed(error, unhealthyAfter: check.unhealthyAfter)
        }
        judgements[check] = judgement
        return max(Self.shortestPeriodMilliseconds, check.every.milliseconds)
    }

    /// Sums up checks and ejection.
    ///
    /// - Returns: whether that changed.
    mutating func reconsider(at moment: Timestamp) -> Bool {
        let verdict = !ejection.isEjected && judgements.values.allSatisfy(\.isHealthy)
        guard verdict != isHealthy else { return false }
        isHealthy = verdict
        since = moment
        return true
    }

    var status: BackendStatus {
        let errors = [ejection.lastError] + registration.checks.map { judgements[$0]?.lastError } + [resolutionError]
        return BackendStatus(
            backend: registration.backend, isHealthy: isHealthy, since: since,
            lastError: errors.compactMap { $0 }.first, addresses: addresses, isResolved: isResolved)
    }
}
