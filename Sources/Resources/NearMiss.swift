/// Finds what a misspelt word was meant to be.
package enum NearMiss {
    /// The candidate nearest to `word`, if it is near enough to be what was meant: at most a third of its letters off.
    package static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        let word = word.lowercased()
        guard word.utf8.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        // Beyond a few hundred, looking for what was meant costs more than it tells.
        for candidate in candidates.prefix(200) {
            let distance = distance(Array(word.utf8), Array(candidate.lowercased().utf8))
            let limit = max(1, max(word.utf8.count, candidate.utf8.count) / 3)
            // A single letter is one step away from every other.
            guard distance <= limit, distance < candidate.utf8.count else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var cost = min(
                    previous[column + 1] + 1, current[column] + 1,
                    previous[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
