/// Values by slot. Slots are given out from 0 on and used again, so that an array holds them with few gaps.
struct SlotTable<Element: Sendable>: Sendable {
    private var elements: [Element?] = []

    init() {}

    /// - Parameter elements: with their slots, each at most once.
    init(_ elements: some Collection<(slot: Int, element: Element)>) {
        let count = elements.reduce(0) { max($0, $1.slot + 1) }
        self.elements = Array(repeating: nil, count: count)
        for (slot, element) in elements { self.elements[slot] = element }
    }

    subscript(slot: Int) -> Element? {
        get { elements.indices.contains(slot) ? elements[slot] : nil }
        set {
            if slot >= elements.count {
                elements.append(contentsOf: repeatElement(nil, count: slot + 1 - elements.count))
            }
            elements[slot] = newValue
        }
    }

    /// By slot, lowest first.
    var values: some Sequence<Element> { elements.lazy.compactMap { $0 } }
}
