extension Plan {
    /// The plan as a comment of a pull request: GitHub's Markdown, below its limit of 65,536 characters however much
    /// changes. What people wrote is shown as it is and never as markup.
    ///
    /// - Parameter appendix: text to show below the details, perhaps cut off.
    package func markdown(appendix: String? = nil) -> String {
        let shown = changes.filter { $0.action != .unchanged || $0.held != nil }
        var parts = ["### Turnout plan", summary]
        if !shown.isEmpty { parts.append(Self.table(shown)) }
        if !drift.isEmpty {
            parts.append(
                "**Live now differs from what git said last:**\n"
                    + Self.listing(drift.map { "- `\($0.endpoint)`: \(Self.escaped($0.message))" }))
        }
        if !orphans.isEmpty {
            parts.append(
                "**No longer in these files, and would be removed with `--prune`:**\n"
                    + Self.listing(orphans.map { "- `\($0)`" }))
        }
        if !shown.isEmpty { parts.append(Self.details(shown.map { $0.lines.joined(separator: "\n") })) }
        if let appendix {
            parts.append(Self.fenced(Self.fitting(appendix.split(separator: "\n").map(String.init), Self.listLimit)))
        }
        return parts.joined(separator: "\n\n")
    }

    private static let tableLimit = 20_000
    private static let listLimit = 8_000
    private static let detailLimit = 20_000

    private static func table(_ changes: [EndpointChange]) -> String {
        let rows = changes.map { change in
            let cells = [
                "`\(change.endpoint)`", what(change), splits(change),
                change.moves.map { "\($0.share.exact) % \($0.from) → \($0.to)" }.joined(separator: "<br>"),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return "| endpoint | what | split | keys that move |\n|---|---|---|---|\n" + fitting(rows, tableLimit)
    }

    private static func what(_ change: EndpointChange) -> String {
        let from = change.fromRevision.map(String.init) ?? ""
        let to = change.toRevision.map(String.init) ?? ""
        var text =
            switch change.action {
            case .create: "**create**, revision \(to)"
            case .update: "**update**, revision \(from) → \(to)"
            case .hold: "**\(change.removes ? "remove, " : "")wait for a hold**, revision \(from) stays live"
            case .catchUp: "**release a hold**, revision \(from) → \(to)"
            case .remove: "**remove**, revision \(from) → \(to)"
            case .adopt: "**take over**, revision \(from) stays live"
            case .unchanged: "unchanged"
            }
        if let held = change.held { text += "<br>held by \(escaped(held.summary))" }
        for warning in change.warnings { text += "<br>⚠️ \(escaped(warning))" }
        return text
    }

    private static func splits(_ change: EndpointChange) -> String {
        guard change.action != .adopt else { return "" }
        return change.variantLines.map { escaped($0) }.joined(separator: "<br>")
    }

    private static func listing(_ lines: [String]) -> String { fitting(lines, listLimit) }

    private static func details(_ blocks: [String]) -> String {
        "<details><summary>Details</summary>\n\n\(fenced(fitting(blocks, detailLimit, separator: "\n\n")))\n\n</details>"
    }

    /// A fence ends with as many backticks as it began with: more than the text has in a row.
    private static func fenced(_ text: String) -> String {
        let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
        return "\(fence)text\n\(text)\n\(fence)"
    }

    private static func fitting(_ parts: [String], _ limit: Int, separator: String = "\n") -> String {
        var length = 0
        let shown = parts.prefix { part in
            length += part.unicodeScalars.count + separator.count
            return length <= limit
        }
        let rest = parts.count - shown.count
        return (shown + (rest > 0 ? ["… and \(rest) more: `turnout plan` shows them."] : []))
            .joined(separator: separator)
    }

    private static func longestRun(of character: Character, in text: String) -> Int {
        var longest = 0
        var run = 0
        for other in text {
            run = other == character ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Nothing in it formats, links, mentions or ends a cell.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            // With a word joiner behind it, it names nobody.
            case "@": result += "@\u{2060}"
            case "\n", "\r": result += " "
            case "|", "`", "*", "_", "[", "]", "#", "~", "!", "\\": result += "\\" + String(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
