package import Logging

/// Writes one line an entry: for people, or as JSON for machines. Control characters never reach the line as they are,
/// so that nobody who sends a strange name can forge an entry.
package struct LineLogHandler: LogHandler {
    package enum Format: Sendable, Hashable {
        case human
        case json
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: Format
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes whole lines, newline included; called from any thread.
    package init(format: Format, level: Logger.Level, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        logLevel = level
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        switch format {
        case .human: write(Self.human(event.level, event.message, fields))
        case .json: write(Self.json(event.level, event.message, fields))
        }
    }

    private static func human(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        var line = "\(LogClock.now().dropFirst(11).prefix(12)) \(level.rawValue.uppercased()) \(message)"
        for (key, value) in fields { line += " \(key)=\(value)" }
        return LogText.withoutControls(line) + "\n"
    }

    private static func json(
        _ level: Logger.Level, _ message: Logger.Message, _ fields: [(key: String, value: Logger.Metadata.Value)]
    ) -> String {
        var line =
            "{\"time\":\"\(LogClock.now())\",\"level\":\"\(level.rawValue)\",\"message\":\(LogText.quoted("\(message)"))"
        for (key, value) in fields { line += ",\(LogText.quoted(key)):\(LogText.quoted("\(value)"))" }
        return line + "}\n"
    }
}
