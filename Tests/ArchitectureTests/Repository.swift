import Foundation

/// The files of this repository, as the rules see them.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The Swift files below a folder, with paths from the root: `Sources/Resources/Share.swift`.
    static func swiftFiles(below folder: String) throws -> [String] {
        let base = root.appending(path: folder).path()
        guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
        return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }.sorted()
    }

    /// The folders of `Sources`, each of which is a target.
    static func sourceFolders() throws -> Set<String> {
        let base = root.appending(path: "Sources")
        let names = try FileManager.default.contentsOfDirectory(atPath: base.path())
        return Set(names.filter { !$0.hasPrefix(".") })
    }
}
