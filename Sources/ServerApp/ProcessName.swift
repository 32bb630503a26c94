import Foundation

/// Names this process among others of its kind: machine, process, and something random, since process ids come again.
enum ProcessName {
    static let current =
        "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)-"
        + String(UInt32.random(in: 0...UInt32.max), radix: 36)
}
