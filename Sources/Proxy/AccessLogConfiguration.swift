/// Which requests a proxy writes down in its access log, and where.
package struct AccessLogConfiguration: Sendable, Hashable {
    /// A file to append to, or `-` for standard output.
    package var path: String
    /// The share of all requests, 0 to 1, drawn at random. Failed ones are written in any case.
    package var sample = 0.01
    /// Lines a second at most, over all threads; what is more is counted and left out.
    package var rate = 100

    package static let sampleRange = 0.0...1.0
    package static let rateRange = 1...1_000_000

    package init(path: String) { self.path = path }
}
