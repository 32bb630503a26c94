import Foundation
import Testing

/// Something that the code must not say, where, and why.
struct BannedCall: Sendable, CustomTestStringConvertible {
    enum Part: Sendable {
        case code
        case strings
        case comments
    }

    /// What it is called when it is found.
    let name: String
    /// A regular expression, matched against one part of a file.
    let pattern: String
    var part = Part.code
    /// The folders where the rule holds.
    var folders = ["Sources"]
    /// Paths that begin like this may do it.
    var except: [String] = []
    let reason: String
    /// Code that breaks the rule: the proof that the pattern finds it.
    let example: String

    var testDescription: String { name }

    /// The lines of a file that break the rule.
    func lines(in source: ScannedSource) throws -> [Int] {
        let text =
            switch part {
            case .code: source.code
            case .strings: source.strings
            case .comments: source.comments
            }
        let whole = NSRange(location: 0, length: text.utf16.count)
        let found = try NSRegularExpression(pattern: pattern).matches(in: text, range: whole)
        guard !found.isEmpty else { return [] }
        let units = Array(text.utf16)
        return found.map { match in units[..<match.range.location].count { $0 == 10 } + 1 }
    }

    func holds(in path: String) -> Bool {
        folders.contains { path.hasPrefix($0 + "/") } && !except.contains { path.hasPrefix($0) }
    }
}
