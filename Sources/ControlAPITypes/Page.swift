/// One page of a list. `GET …?limit=&cursor=`: pass `nextCursor` on as `cursor` until it is absent.
package struct Page<Item: Sendable & Codable>: Sendable, Codable {
    package var items: [Item]
    /// Opaque; absent on the last page.
    package var nextCursor: String?

    package init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

extension Page: Equatable where Item: Equatable {}
