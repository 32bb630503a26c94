/// A condition that a test waited for did not come true in time.
package struct NotEventually: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `condition` holds, looking again every few milliseconds; tests use it instead of sleeping.
///
/// - Throws: `NotEventually` when `deadline` has passed, and whatever `condition` throws.
package func eventually(
    deadline: Duration = .seconds(10), _ what: String = "the condition",
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while true {
        if try await condition() { return }
        guard clock.now < end else { throw NotEventually(description: "\(what) did not hold within \(deadline)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
