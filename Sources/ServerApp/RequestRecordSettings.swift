package import Proxy
import Resources

/// What a proxy writes down of requests: `--slow-request` and `--access-log` with its limits.
package struct RequestRecordSettings: Sendable, Hashable {
    package var slowRequest = ProxyConfiguration().slowRequest
    /// `nil` writes none.
    package var accessLog: AccessLogConfiguration?

    /// As without any flag.
    package init() {}

    /// - Throws: `ConfigurationFault`, naming the key.
    package init(_ settings: Settings) throws(ConfigurationFault) {
        let slow = try settings.parsed("slow-request", expected: "a length of time such as 100ms or 2s") {
            Interval(parsing: $0)
        }
        if let slow { slowRequest = slow.duration }
        var log = AccessLogConfiguration(path: settings.text("access-log") ?? "")
        let sample = try settings.parsed("access-log-sample", expected: "a number from 0 to 1 such as 0.01") { text in
            Double(text).flatMap { AccessLogConfiguration.sampleRange.contains($0) ? $0 : nil }
        }
        if let sample { log.sample = sample }
        log.rate = try settings.number("access-log-rate", in: AccessLogConfiguration.rateRange, default: log.rate)
        accessLog = log.path.isEmpty ? nil : log
    }
}
