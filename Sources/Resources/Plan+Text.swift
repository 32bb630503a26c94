extension Plan {
    /// The plan in words, for terminals and reviews; changes first, then a line that sums up.
    package var text: String {
        let shown = changes.filter { $0.action != .unchanged || $0.held != nil }
        let blocks = shown.map { $0.lines.joined(separator: "\n") }
        let remarks = [driftText, orphanText].compactMap(\.self)
        return (blocks + remarks + [summary]).joined(separator: "\n\n")
    }

    /// `nil` when everything that is live is as git said last.
    private var driftText: String? {
        guard !drift.isEmpty else { return nil }
        return (["Live now differs from what git said last:"] + drift.map { "    \($0.endpoint): \($0.message)" })
            .joined(separator: "\n")
    }

    private var orphanText: String? {
        guard !orphans.isEmpty else { return nil }
        let names = orphans.map { "    \($0)" }
        return (["No longer in these files, and would be removed with --prune:"] + names).joined(separator: "\n")
    }

    /// `Against release 7: 1 to create, 2 to update, 4 unchanged.`
    package var summary: String {
        let words: [(EndpointChange.Action, String)] = [
            (.create, "to create"), (.update, "to update"), (.hold, "to wait for a hold"),
            (.catchUp, "to release a hold"), (.adopt, "to take over"), (.remove, "to remove"),
            (.unchanged, "unchanged"),
        ]
        let counts = words.compactMap { action, word in
            let count = changes.count { $0.action == action }
            return count > 0 ? "\(count) \(word)" : nil
        }
        return "Against release \(baseRelease): " + (counts.isEmpty ? "no endpoints" : counts.joined(separator: ", "))
            + "."
    }
}

extension EndpointChange {
    /// The change in words, a head and indented particulars:
    /// ```
    /// ~ fraud  revision 3 → 4
    ///     champion    fraud/12  90 % → 80 %
    ///     challenger  fraud/13  10 % → 20 %
    ///     10.00 % of keys move champion → challenger; 90.00 % stay
    /// ```
    package var lines: [String] { lines(waiting: true) }

    /// - Parameter waiting: Whether what is held and unchanged is what git says, and so waits.
    package func lines(waiting: Bool) -> [String] {
        var lines = [head]
        if action != .unchanged && action != .adopt { lines += variantLines.map { "    " + $0 } }
        if let movement { lines.append("    " + movement) }
        lines += fields.map { "    \($0.text)" }
        if let held {
            let what =
                action == .catchUp ? "releases the hold of" : waits && waiting ? "waits for the hold of" : "held by"
            lines.append("    \(what) \(held.summary)")
        }
        return lines + warnings.map { "    ! \($0)" }
    }

    private var head: String {
        let revision = toRevision.map(String.init) ?? ""
        let from = fromRevision.map(String.init) ?? ""
        switch action {
        case .create: return "+ \(endpoint)  new, revision \(revision)"
        case .update: return "~ \(endpoint)  revision \(from) → \(revision)"
        case .hold: return "… \(endpoint)  revision \(revision) recorded; \(from) stays live"
        case .catchUp: return "✓ \(endpoint)  revision \(from) → \(revision), the same as the hold"
        case .remove: return "- \(endpoint)  removed, revision \(from) → \(revision)"
        case .adopt: return "> \(endpoint)  revision \(from) stays; its source changes"
        case .unchanged: return "= \(endpoint)  unchanged"
        }
    }

    var variantLines: [String] {
        let names = after.map(\.name) + before.map(\.name).filter { name in !after.contains { $0.name == name } }
        let rows = names.map { name -> (String, String, String) in
            let old = before.first { $0.name == name }
            let new = after.first { $0.name == name }
            return (
                name.rawValue, Self.arrow(old?.model.description, new?.model.description),
                Self.arrow(old.map { "\($0.traffic) %" }, new.map { "\($0.traffic) %" })
            )
        }
        let first = rows.map(\.0.count).max() ?? 0
        let second = rows.map(\.1.count).max() ?? 0
        return rows.map { $0.0.padded(first) + "  " + $0.1.padded(second) + "  " + $0.2 }
    }

    /// `nil` when nobody could move.
    private var movement: String? {
        switch action {
        case .create, .unchanged, .adopt: return nil
        case .remove: return "requests for it are answered 404"
        case .hold where removes: return "once the hold is released: requests for it are answered 404"
        case .update, .hold, .catchUp: break
        }
        guard !moves.isEmpty else { return "nobody moves" }
        let moving = moves.map { "\($0.share.exact) % of keys move \($0.from) → \($0.to)" }
        let text = moving.joined(separator: "; ") + "; \(stays.exact) % stay"
        return action == .hold ? "once the hold is released: " + text : text
    }

    private static func arrow(_ old: String?, _ new: String?) -> String {
        switch (old, new) {
        case (nil, let new): new ?? ""
        case (let old?, nil): "\(old) → gone"
        case (let old?, let new?): old == new ? new : "\(old) → \(new)"
        }
    }
}

extension FieldChange {
    /// `spec.timeout: 250ms → 1s`
    package var text: String { "\(path): \(before ?? "none") → \(after ?? "none")" }
}

extension Share {
    /// Always two decimals: `10.00`.
    package var exact: String {
        let (whole, hundredths) = buckets.quotientAndRemainder(dividingBy: 100)
        return "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
