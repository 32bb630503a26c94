import ArgumentParser
import Resources

/// How much of a list is shown.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many at most.", valueName: "n"), transform: checked)
    var limit: Int = 100

    /// Asks for page after page until there is enough, or no more.
    func collect<Item>(_ fetch: (PageRequest) async throws -> Page<Item>) async throws -> [Item] {
        guard limit > 0 else { throw CommandFault(.usage, "--limit is \(limit): expected 1 or more") }
        var items: [Item] = []
        var cursor: String?
        repeat {
            let size = min(limit - items.count, PageRequest.maximumLimit)
            let page = try await fetch(PageRequest(limit: size, cursor: cursor))
            items += page.items
            cursor = page.nextCursor
        } while cursor != nil && items.count < limit
        return items
    }
}
