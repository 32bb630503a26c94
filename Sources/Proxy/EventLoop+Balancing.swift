import Splitting

/// Which backend of a variant gets a request: of two drawn at random, the one with fewer requests outstanding.
///
/// Each loop counts its own requests, which is as good as the sum once a loop has a few, and shares no cache line.
/// A backend that came less than `slowStart` ago is passed over in a part of the draws that shrinks to nothing, beside
/// one that has been there for longer. An outlier is not drawn, unless more than half of the variant's ready backends
/// are outliers: then the fault is hardly theirs, and leaving them out would only overload the rest.
extension EventLoop {
    /// - Parameter limit: how many requests a backend may have from endpoints that bound them; 0: any number.
    /// - Returns: the index among the arm's backends of one that is ready, has room, and was not tried for this request,
    ///   or -1.
    @inline(__always)
    func chooseBackend(_ client: Int, _ route: ServedRoute, limit: Int) -> Int {
        let arm = state.connections[client].exchange.arm
        let count = route.view.backendCount(arm)
        if count == 1 {
            let slot = route.slot(arm: arm, 0)
            guard state.connections[client].exchange.tried == 0, state.slots.isReady(slot), hasRoom(slot, limit)
            else { return -1 }
            return 0
        }
        return chooseOfTwo(client, route, arm, count, limit)
    }

    @inline(__always)
    private func hasRoom(_ slot: Int, _ limit: Int) -> Bool { limit == 0 || state.slots.places(slot) < limit }

    private func chooseOfTwo(_ client: Int, _ route: ServedRoute, _ arm: Int, _ count: Int, _ limit: Int) -> Int {
        let random = nextRandom()
        let start = Self.scaled(random >> 32, count)
        var takesOutliers = false
        var first = drawn(client, route, arm, count, from: start, except: -1, takesOutliers, limit)
        if first < 0 {
            // Better than none.
            takesOutliers = true
            first = drawn(client, route, arm, count, from: start, except: -1, takesOutliers, limit)
            guard first >= 0 else { return -1 }
        }
        // Another one than the first draw, so that two backends are always compared.
        var other = Self.scaled(random & 0xffff_ffff, count - 1)
        if other >= start { other += 1 }
        let second = drawn(client, route, arm, count, from: other, except: first, takesOutliers, limit)
        guard second >= 0 else { return first }
        return better(
            route.slot(arm: arm, first), first,
            route.slot(arm: arm, second), second)
    }

    /// Which of two backends, given with their slots, gets the request; the first where they are alike.
    private func better(_ firstSlot: Int, _ first: Int, _ secondSlot: Int, _ second: Int) -> Int {
        let firstSince = state.slots.readyStanding(firstSlot).since
        let secondSince = state.slots.readyStanding(secondSlot).since
        let newest = age(max(firstSince, secondSince))
        if newest < state.limits.slowStart, !isWarm(newest, beside: age(min(firstSince, secondSince))) {
            return firstSince > secondSince ? second : first
        }
        return state.pools[secondSlot].outstanding < state.pools[firstSlot].outstanding ? second : first
    }

    @inline(__always)
    private func age(_ since: UInt64) -> UInt64 {
        // Another thread may have written it after this turn began.
        state.now > since ? state.now - since : 0
    }

    /// Decides by lot: in a tenth of the draws at first, then in as much as has passed of the time;
    /// in all where both are as new.
    private func isWarm(_ age: UInt64, beside other: UInt64) -> Bool {
        let window = state.limits.slowStart
        let weight = max(window / 10, min(age, window), 1)
        let otherWeight = max(window / 10, min(other, window), 1)
        return weight == otherWeight || nextRandom() % otherWeight < weight
    }

    /// A number below `count`, from 32 random bits.
    @inline(__always)
    private static func scaled(_ random: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (random &* UInt64(truncatingIfNeeded: count)) >> 32)
    }

    /// The first backend from `start` on, all around, that is ready and may be drawn, or -1.
    private func drawn(
        _ client: Int, _ route: ServedRoute, _ arm: Int, _ count: Int, from start: Int, except other: Int,
        _ takesOutliers: Bool, _ limit: Int
    ) -> Int {
        let tried = state.connections[client].exchange.tried
        var choice = start
        for _ in 0..<count {
            if choice != other, choice >= 64 || tried & (1 << UInt64(choice)) == 0 {
                let slot = route.slot(arm: arm, choice)
                let standing = state.slots.readyStanding(slot)
                if standing.isHealthy, takesOutliers || !standing.isOutlier || outliersAreMost(route, arm),
                    hasRoom(slot, limit)
                {
                    return choice
                }
            }
            choice = choice + 1 == count ? 0 : choice + 1
        }
        return -1
    }

    /// Whether more than half of the arm's ready backends are outliers; asked only when one was drawn.
    private func outliersAreMost(_ route: ServedRoute, _ arm: Int) -> Bool {
        var ready = 0
        var outliers = 0
        for index in 0..<route.view.backendCount(arm) {
            let standing = state.slots.readyStanding(route.slot(arm: arm, index))
            if standing.isHealthy { ready += 1 }
            if standing.isOutlier { outliers += 1 }
        }
        return outliers * 2 > ready
    }
}
