/// What became of one invariant.
package struct Finding: Sendable, Hashable {
    /// As the invariant is numbered and worded in docs/reliability.md.
    package let number: Int
    package let invariant: String
    /// How many facts were held against it.
    package private(set) var checked = 0
    package private(set) var violations: [String] = []

    init(_ number: Int, _ invariant: String) {
        self.number = number
        self.invariant = invariant
    }

    /// Holds one fact against the invariant.
    mutating func expect(_ holds: Bool, _ violation: @autoclosure () -> String) {
        checked += 1
        if !holds { violations.append(violation()) }
    }
}
