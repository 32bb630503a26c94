import Foundation

/// The wall clock as logs write it.
enum LogClock {
    /// `2026-11-01T10:00:00.000Z`
    static func now() -> String {
        Date().ISO8601Format(.init(includingFractionalSeconds: true))
    }
}
