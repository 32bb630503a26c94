import Foundation

/// The targets of `Package.swift`, read from its text.
struct PackageManifest {
    /// For each target but the tests: its dependencies that are targets, by name.
    private(set) var targets: [String: Set<String>] = [:]

    init(text: String) {
        let declarations = [".target(", ".executableTarget(", ".systemLibrary("]
        for declaration in declarations {
            var rest = text[...]
            while let start = rest.range(of: declaration) {
                let call = Self.balanced(rest[start.upperBound...], open: "(", close: ")")
                rest = rest[start.upperBound...]
                guard let name = Self.firstLiteral(after: "name:", in: call) else { continue }
                targets[name] = Self.dependencies(of: call)
            }
        }
    }

    /// The literals of `dependencies: […]` that stand by themselves: those in `.product(…)` are other packages'.
    private static func dependencies(of call: Substring) -> Set<String> {
        guard let start = call.range(of: "dependencies:"), let bracket = call[start.upperBound...].firstIndex(of: "[")
        else { return [] }
        var list = String(balanced(call[call.index(after: bracket)...], open: "[", close: "]"))
        while let product = list.range(of: ".product(") {
            let inner = balanced(list[product.upperBound...], open: "(", close: ")")
            list.removeSubrange(product.lowerBound..<inner.endIndex)
        }
        let pieces = list.split(separator: "\"", omittingEmptySubsequences: false)
        return Set(pieces.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) })
    }

    private static func firstLiteral(after label: String, in text: Substring) -> String? {
        guard let start = text.range(of: label) else { return nil }
        let pieces = text[start.upperBound...].split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        return pieces.count == 3 ? String(pieces[1]) : nil
    }

    /// The text up to the bracket that closes the one just before it.
    private static func balanced(_ text: Substring, open: Character, close: Character) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == open { depth += 1 }
            if text[index] == close { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }
}
