/// One page of a list. `GET …?limit=&cursor=`: pass `nextCursor` on as `cursor` until it is absent.
package struct Page<Item: Sendable & Codable>: Sendable, Codable {
    package var items: [Item]
    /// Opaque; absent on the last page.
    package var nextCursor: String?

    package init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }

    /// Makes a page of one item more than was asked for, which only says that there is a next page.
    ///
    /// - Parameters:
    ///   - items: in the list's order, at most `limit + 1`.
    ///   - position: an item's place in the order; the next page begins behind it.
    package init(_ items: [Item], of request: PageRequest, position: (Item) -> String) {
        self.items = Array(items.prefix(request.limit))
        nextCursor = items.count > request.limit ? self.items.last.map(position) : nil
    }
}

extension Page: Equatable where Item: Equatable {}
