/// The last so many of what came, without moving any.
struct BoundedHistory<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    /// Where the next one goes, once all places are taken.
    private var next = 0
    let capacity: Int

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    mutating func append(_ element: Element) {
        guard elements.count == capacity else {
            elements.append(element)
            return
        }
        elements[next] = element
        next = (next + 1) % capacity
    }

    var newestFirst: [Element] { (elements[next...] + elements[..<next]).reversed() }
}
