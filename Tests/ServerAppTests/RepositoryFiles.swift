import Foundation

/// The checkout that these tests were built from.
enum RepositoryFiles {
    static let root = URL(fileURLWithPath: String(#filePath)).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var migrations: String { root.appendingPathComponent("Migrations").path }
}
