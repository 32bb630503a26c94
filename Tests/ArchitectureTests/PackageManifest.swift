import Foundation

/// The targets of `Package.swift`, read from its text.
struct PackageManifest {
    /// For each target but the tests: its dependencies that are targets, by name.
    private(set) var targets: [String: Set<String>] = [:]

    init(text: String) {
        for declaration in [".target(", ".executableTarget(", ".systemLibrary(", "room("] {
            var rest = text[...]
            while let start = rest.range(of: declaration) {
                let call = Self.balanced(rest[start.upperBound...], open: "(", close: ")")
                rest = rest[start.upperBound...]
                // Without a literal it is a helper's own definition.
                guard let name = Self.literals(in: String(call)).first else { continue }
                targets[name] = declaration == ".systemLibrary(" ? [] : Self.dependencies(of: call)
            }
        }
    }

    /// The literals of the first list that stand by themselves: those in `.product(…)` are other packages'.
    private static func dependencies(of call: Substring) -> Set<String> {
        guard let bracket = call.firstIndex(of: "[") else { return [] }
        var list = String(balanced(call[call.index(after: bracket)...], open: "[", close: "]"))
        while let product = list.range(of: ".product(") {
            let inner = balanced(list[product.upperBound...], open: "(", close: ")")
            list.removeSubrange(product.lowerBound..<inner.endIndex)
        }
        return Set(literals(in: list))
    }

    private static func literals(in text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset.isMultiple(of: 2) ? nil : String($0.element) }
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
