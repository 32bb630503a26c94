/// A condition that a test waited for did not come true in time.
package struct NotEventually: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `condition` holds, looking again every few milliseconds; tests use it instead of sleeping.
///
/// Tests of one process share few threads, and some compute for seconds: whoever was kept from looking, and what they wait
/// for from happening, gets up to three times the deadline.
/// - Throws: `NotEventually` when `deadline` has passed, and whatever `condition` throws.
package func eventually(
    deadline: Duration = .seconds(10), _ what: String = "the condition",
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    var looks = 0
    while true {
        if try await condition() { return }
        looks += 1
        guard clock.now < end || (looks < 200 && clock.now < end + deadline * 2) else {
            throw NotEventually(description: "\(what) did not hold within \(deadline)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
