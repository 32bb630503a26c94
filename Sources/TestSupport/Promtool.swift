internal import Foundation

/// Prometheus' own checker of metrics, where it is installed.
package enum Promtool {
    private static let path = "/usr/bin/promtool"

    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// - Returns: what it complains about; empty when there is nothing.
    package static func complaints(about page: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? said : "promtool failed: \(said)"
    }
}
