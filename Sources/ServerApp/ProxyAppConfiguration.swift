import Foundation
import Resources

/// What `turnout proxy` is told.
package struct ProxyAppConfiguration: Sendable {
    /// Where its routing table comes from.
    package enum Source: Sendable, Hashable {
        /// `--url`, pushed by a control plane.
        case control(url: String, token: String?)
        /// `--static`, a directory of endpoint files, and `--env`.
        case files(directory: String, environment: String?)
    }

    package var source: Source
    /// `--proxy`, where scoring requests come in.
    package var proxy: ListenAddress
    /// `--admin`, where metrics and health are.
    package var admin: ListenAddress
    /// `--data`, where the last routing table is kept, and where the process is found that is to hand its place over;
    /// `nil` for a proxy of files alone that was told none.
    package var dataDirectory: String?
    /// `--threads`
    package var threads: Int
    /// `--slow-request`, `--access-log`
    package var records: RequestRecordSettings
    /// `--memory-limit`
    package var memoryLimit = MemoryLimitSetting.ofControlGroup
    /// `--takeover`: takes the place of a proxy that runs with the same data directory.
    package var takesOver = false
    /// `--drain-delay`: how long it goes on accepting once it is told to end, and says that it is not ready.
    package var drainDelay = Duration.zero
    /// `--drain-timeout`: what is not finished by then is cut.
    package var drainTimeout = Duration.seconds(30)
    /// A connection without a request has this long to send one.
    package var drainIdleTimeout = Duration.seconds(5)
    /// `NOTIFY_SOCKET`: where systemd listens.
    package var notifySocket: String?

    package static let defaultProxy = ListenAddress(host: "127.0.0.1", port: 8800)
    package static let defaultAdmin = ListenAddress(host: "127.0.0.1", port: 8801)
    package static let threadRange = 1...1024
    package static let defaultDataDirectory = ".turnout-proxy"
    private static let drainRange = Interval(milliseconds: 0)...Interval.seconds(3600)

    package init(
        source: Source, proxy: ListenAddress, admin: ListenAddress, dataDirectory: String?, threads: Int,
        records: RequestRecordSettings = RequestRecordSettings()
    ) {
        self.source = source
        self.proxy = proxy
        self.admin = admin
        self.dataDirectory = dataDirectory
        self.threads = threads
        self.records = records
    }

    /// - Parameter staticDirectory: `--static`, which leaves the control plane out.
    /// - Parameter environment: `--env`, of the static directory.
    /// - Parameter takesOver: `--takeover`
    /// - Throws: `ConfigurationFault`, naming the key.
    package init(
        _ settings: Settings, staticDirectory: String?, environment: String? = nil, takesOver: Bool = false
    ) throws(ConfigurationFault) {
        let source: Source
        if let staticDirectory {
            source = .files(directory: staticDirectory, environment: environment)
        } else {
            let url = settings.text("url", variable: "TURNOUT_URL") ?? "http://127.0.0.1:8700"
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw settings.fault(
                    "url", variable: "TURNOUT_URL", "'\(url)' can't be used: expected http://HOST:PORT")
            }
            source = .control(url: url, token: settings.text("token"))
        }
        self.init(
            source: source,
            proxy: try settings.literalAddress("proxy", default: Self.defaultProxy),
            admin: try settings.literalAddress("admin", default: Self.defaultAdmin),
            dataDirectory: settings.text("data")
                ?? (staticDirectory == nil || takesOver ? Self.defaultDataDirectory : nil),
            threads: try settings.number("threads", in: Self.threadRange, default: Self.defaultThreads),
            records: try RequestRecordSettings(settings))
        self.takesOver = takesOver
        memoryLimit = try MemoryLimitSetting(settings)
        drainDelay = try settings.interval("drain-delay", in: Self.drainRange)?.duration ?? drainDelay
        drainTimeout = try settings.interval("drain-timeout", in: Self.drainRange)?.duration ?? drainTimeout
        notifySocket = settings.text("notify-socket", variable: "NOTIFY_SOCKET")
    }

    /// As many as the machine has cores.
    package static var defaultThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
}
