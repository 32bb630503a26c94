internal import SoakHistory

/// One key that is written and read, with the true order of its writes: whether there is one moment for each read,
/// between its sending and its answer, at which the key had the value that was read.
struct LinearizableRegister<Value: Hashable & Sendable> {
    /// A write as the registry ordered it.
    struct Write {
        var value: Value
        /// `nil` when nobody sent it: the product acted by itself.
        var sentAt: RunMoment?
        /// `nil` when nobody was told.
        var acknowledgedAt: RunMoment?
    }

    struct Read {
        var value: Value
        var sentAt: RunMoment
        var answeredAt: RunMoment
    }

    /// What the key is before any write.
    var initial: Value
    /// In the registry's order.
    var writes: [Write] = []
    var reads: [Read] = []

    /// - Returns: what can't have been; empty when all of it fits.
    func violations() -> [String] { misorderedWrites() + impossibleReads() }

    /// A write that was acknowledged before another was sent comes first.
    private func misorderedWrites() -> [String] {
        var found: [String] = []
        var earliest = RunMoment.max
        for write in writes.reversed() {
            if let sent = write.sentAt, earliest < sent {
                found.append(
                    "the write of \(write.value) is ordered before one that was acknowledged before it was sent")
            }
            earliest = min(earliest, write.acknowledgedAt ?? .max)
        }
        return found
    }

    /// Reads in the order of their sending take the first state that fits; a later choice would only hinder others.
    private func impossibleReads() -> [String] {
        let states = [initial] + writes.map(\.value)
        var placed: [(answeredAt: RunMoment, state: Int)] = []
        var found: [String] = []
        for read in reads.sorted(by: { $0.sentAt < $1.sentAt }) {
            var first = (writes.lastIndex { ($0.acknowledgedAt ?? .max) < read.sentAt }).map { $0 + 1 } ?? 0
            for earlier in placed where earlier.answeredAt < read.sentAt { first = max(first, earlier.state) }
            let last = (writes.lastIndex { ($0.sentAt ?? .min) <= read.answeredAt }).map { $0 + 1 } ?? 0
            let fitting = first <= last ? (first...last).first { states[$0] == read.value } : nil
            if let fitting {
                placed.append((read.answeredAt, fitting))
            } else {
                found.append(
                    "\(read.value) was read between \(read.sentAt) and \(read.answeredAt) µs; it could only be one of "
                        + "\(first <= last ? Array(states[first...last].prefix(5)) : [])")
            }
        }
        return found
    }
}
