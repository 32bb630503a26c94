/// Things to do, earliest first: a binary heap, since every probe of ten thousand backends goes through it.
struct DueQueue<Element: Sendable>: Sendable {
    private var heap: [(due: MonotonicTime, element: Element)] = []

    var count: Int { heap.count }
    var nextDue: MonotonicTime? { heap.first?.due }

    mutating func push(_ element: Element, due: MonotonicTime) {
        heap.append((due, element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// - Returns: the earliest element, if it is due.
    mutating func pop(dueBy now: MonotonicTime) -> Element? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        sinkRoot()
        return first.element
    }

    private mutating func sinkRoot() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].due < heap[left].due ? right : left
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
