import Logging
import Telemetry

extension CommandEnvironment {
    /// Where the long-running commands say what they do: lines for people on a terminal, JSON lines otherwise.
    ///
    /// `TURNOUT_LOG_LEVEL` (trace, debug, info, notice, warning, error, critical) wins over the default.
    func logger(defaultLevel: Logger.Level = .info) -> Logger {
        let level = variable("TURNOUT_LOG_LEVEL").flatMap(Logger.Level.init(rawValue:)) ?? defaultLevel
        let format: LineLogHandler.Format = isTerminal ? .human : .json
        let write = writeError
        return Logger(label: "turnout") { _ in
            LineLogHandler(format: format, level: level, write: write)
        }
    }
}
