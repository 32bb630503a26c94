package import Resources

/// What a server tells the proxies that are connected to it. Set anew with every table, and as a heartbeat, so that a
/// stream needs no timer of its own.
package struct TableFeed: Sendable {
    /// The newest published table; `nil` until there is one.
    package let table: PublishedTable?

    package init(table: PublishedTable?) { self.table = table }
}
