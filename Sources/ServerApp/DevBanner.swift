/// What `turnout dev` says once everything is up.
package struct DevBanner: Sendable, CustomStringConvertible {
    package let control: ListenAddress
    package let proxy: ListenAddress
    package let admin: ListenAddress
    /// Where the data is, or which other server is used.
    package let database: String
    /// The directory that is watched.
    package let directory: String?

    package var description: String {
        let endpoints = directory ?? "endpoints/"
        var lines = [
            "Turnout is up.",
            "",
            "  scoring requests   http://\(proxy)/ENDPOINT/…",
            "  control API        http://\(control)/api/v1",
            "  proxy's metrics    http://\(admin)/metrics",
            "  database           \(database)",
        ]
        if let directory { lines.append("  watching           \(directory)") }
        lines += [
            "",
            "Try, in another terminal:",
            "  turnout model create fraud",
            "  turnout plan \(endpoints)",
            "  turnout status",
            "",
            "Ctrl-C stops it.",
        ]
        return lines.joined(separator: "\n")
    }
}
