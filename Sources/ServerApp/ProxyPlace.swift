import Foundation
import Logging
import Proxy

/// A proxy's place: its data directory, for itself alone, and, if another proxy had it, what that one handed over.
struct ProxyPlace: Sendable {
    /// A running proxy that can't be asked yet, or ends, has this long.
    private static let patience = Duration.seconds(60)

    let directory: String
    let lock: DataLock
    let predecessor: Predecessor?

    /// - Throws: `ConfigurationFault` when another proxy has the directory and its place is not asked for; `StartFault`
    ///   when it does not give it.
    static func claim(
        _ directory: String, _ configuration: ProxyAppConfiguration, logger: Logger
    ) async throws -> ProxyPlace {
        try makeDataDirectory(directory)
        if let lock = try DataLock.take(directory) { return taken(directory, lock) }
        guard configuration.takesOver else {
            throw ConfigurationFault(
                key: "--data (TURNOUT_DATA)",
                message:
                    "'\(directory)' is in use by another proxy, process \(holder(of: directory)): give this one a "
                    + "directory of its own, or have it take the other's place with --takeover")
        }
        let end = ContinuousClock.now + patience
        repeat {
            do {
                let predecessor = try await blocking {
                    try Predecessor.ask(directory: directory, proxy: configuration.proxy, admin: configuration.admin)
                }
                logger.info("Taking a running proxy's place", metadata: ["process": "\(predecessor.process)"])
                return ProxyPlace(directory: directory, lock: predecessor.lock, predecessor: predecessor)
            } catch let error as UnixSocketError where error.code == .nobodyThere {
                // It has just begun, or is about to end.
                try await Task.sleep(for: .milliseconds(100))
            }
            if let lock = try DataLock.take(directory) { return taken(directory, lock) }
        } while ContinuousClock.now < end
        throw StartFault(
            description: "another proxy, process \(holder(of: directory)), has '\(directory)' and hands nothing over")
    }

    private static func taken(_ directory: String, _ lock: DataLock) -> ProxyPlace {
        lock.sign()
        return ProxyPlace(directory: directory, lock: lock, predecessor: nil)
    }

    private static func holder(of directory: String) -> String {
        DataLock.holder(of: directory).map(String.init) ?? "unknown"
    }
}

/// Does what may block on a thread of its own.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "turnout.blocking").async { continuation.resume(with: Result { try work() }) }
    }
}
