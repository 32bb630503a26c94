/// Full jitter under a doubling ceiling: what collided once shall not collide again in step.
struct RetryBackoff {
    let first: Duration
    let ceiling: Duration
    private var attempt = 0

    init(first: Duration, ceiling: Duration) {
        self.first = first
        self.ceiling = ceiling
    }

    mutating func next() -> Duration {
        let bound = min(ceiling, first * (1 << min(attempt, 20)))
        attempt += 1
        return .milliseconds(Int.random(in: 0...max(1, bound.milliseconds)))
    }
}
