import EndpointFiles
import Foundation

/// The files beside these tests: good ones, and bad ones each with the reviewed text of its diagnostics.
enum Corpus {
    enum Kind: String {
        case good
        case bad
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus")

    /// Set to write what the parser says beside each file instead of comparing; the difference is then to be reviewed.
    static let isRecording = ProcessInfo.processInfo.environment["TURNOUT_RECORD_SNAPSHOTS"] == "1"

    static func names(_ kind: Kind) -> [String] {
        let folder = directory.appendingPathComponent(kind.rawValue).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }

    static func text(_ kind: Kind, _ name: String) throws -> String {
        let file = directory.appendingPathComponent(kind.rawValue).appendingPathComponent(name)
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// Loads a file under its bare name, so that snapshots don't depend on where the checkout is.
    static func load(_ kind: Kind, _ name: String) -> LoadResult {
        let folder = directory.appendingPathComponent(kind.rawValue).path
        let result = EndpointFiles.load("\(folder)/\(name)", environment: "test")
        return result
    }

    /// The directories with overlays; those with faults are named `bad_…`.
    static var overlays: [String] {
        let folder = directory.appendingPathComponent("overlays").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    static func loadOverlay(_ name: String) -> LoadResult {
        EndpointFiles.load("\(directory.path)/overlays/\(name)", environment: "test")
    }

    static func snapshot(_ result: LoadResult) -> String {
        let folder = directory.path + "/"
        return result.diagnostics.map { $0.description.replacing(folder, with: "") }.joined(separator: "\n") + "\n"
    }

    /// Compares `text` with the reviewed one, or records it.
    static func matches(_ text: String, expectedAt file: URL) throws -> Bool {
        if isRecording {
            try text.write(to: file, atomically: true, encoding: .utf8)
            return true
        }
        return try String(contentsOf: file, encoding: .utf8) == text
    }
}
