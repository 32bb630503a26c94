import Resources

/// One backend as the monitor's thread keeps it.
struct MonitoredBackend {
    let registration: BackendDirectory.Registration
    /// What the probes of its check, if it has one, said so far.
    private(set) var judgement = HealthJudgement()
    /// The running chain of probes: of its check, or without one those that follow an ejection.
    var chain: UInt64?
    var ejection = PassiveEjection()
    var outlier = OutlierEjection()
    /// What made it an outlier, as long as it is one.
    var outlierReason: String?
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
        let literal = SocketAddress(literal: registration.backend.host, port: registration.backend.port)
        addresses = literal.map { [$0] } ?? []
        isResolved = literal != nil
        isHealthy = true
        since = moment
    }

    var isName: Bool { SocketAddress(literal: registration.backend.host, port: 0) == nil }

    /// - Returns: how long to wait, in milliseconds, until the next probe is due; `nil` when none need be.
    mutating func record(_ verdict: HealthProbe.Verdict, now: MonotonicTime) -> Int? {
        guard let check = registration.check else {
            guard ejection.isEjected else { return nil }
            switch verdict {
            case .passed:
                ejection.comeBack(now: now)
                return nil
            case .failed(let error): return ejection.probeFailed(error)
            }
        }
        switch verdict {
        case .passed:
            judgement.succeeded()
            if ejection.isEjected { ejection.comeBack(now: now) }
        case .failed(let error): judgement.failed(error, unhealthyAfter: check.unhealthyAfter)
        }
        return max(Self.shortestPeriodMilliseconds, check.every.milliseconds)
    }

    /// Sums up check and ejection.
    ///
    /// - Returns: whether that changed.
    mutating func reconsider(at moment: Timestamp) -> Bool {
        let verdict = !ejection.isEjected && judgement.isHealthy
        guard verdict != isHealthy else { return false }
        isHealthy = verdict
        since = moment
        return true
    }

    var status: BackendStatus {
        BackendStatus(
            checked: registration.checked, isHealthy: isHealthy, since: since,
            lastError: ejection.lastError ?? judgement.lastError ?? resolutionError ?? outlierReason,
            addresses: addresses, isResolved: isResolved, isOutlier: outlier.isEjected, ejections: outlier.count)
    }
}
