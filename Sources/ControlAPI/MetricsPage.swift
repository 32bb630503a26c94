/// What `GET /metrics` shows, and to whom.
package struct MetricsPage: Sendable {
    /// Whether it is shown to everyone who reaches the server: where only this machine does. Otherwise it takes a token.
    let isOpen: Bool
    /// The page in Prometheus' text format.
    let text: @Sendable () async -> String

    package init(isOpen: Bool, text: @escaping @Sendable () async -> String) {
        self.isOpen = isOpen
        self.text = text
    }
}
