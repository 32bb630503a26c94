import Resources

/// Outliers: backends whose latest requests failed, as the loops tell.
extension MonitorRounds {
    mutating func noticeOutlier(_ failures: Int, at slot: Int, _ now: MonotonicTime) {
        guard var target = targets[slot], target.isHealthy, !target.outlier.isEjected else { return }
        let wait = target.outlier.eject(outlierRules, now: now)
        target.outlierReason =
            "\(failures) requests in a row were answered 5xx, not validly, not in time, or not at all"
        outliers.push(target.registration, due: now.advanced(milliseconds: wait))
        judge(target, at: slot)
    }

    mutating func readmitOutliers(_ now: MonotonicTime) {
        while let registration = outliers.pop(dueBy: now) {
            guard var target = targets[registration.slot], target.registration == registration else { continue }
            target.outlier.comeBack(now: now)
            target.outlierReason = nil
            judge(target, at: registration.slot)
        }
    }

    private mutating func judge(_ target: MonitoredBackend, at slot: Int) {
        targets[slot] = target
        directory.update(target.registration) { $0.setOutlier(slot, target.outlier.isEjected) }
        isNewsworthy = true
        show(target)
    }
}
