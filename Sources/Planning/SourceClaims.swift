package import Resources

/// Finds endpoints that another source declares.
package enum SourceClaims {
    /// - Parameters:
    ///   - heads: those of the endpoints that the source declares now.
    ///   - source: who claims them; `nil` claims nothing.
    /// - Returns: what to tell the caller; `nil` when nobody is robbed.
    package static func fault(_ heads: [EndpointHead], by source: String?) -> String? {
        guard let source else { return nil }
        let claims = heads.compactMap { head in
            // The name of what is gone is free.
            head.isRemoved || head.source == source ? nil : head.source.map { (owner: $0, endpoint: head.name) }
        }
        guard !claims.isEmpty else { return nil }
        let lines = Dictionary(grouping: claims, by: \.owner).sorted { $0.key < $1.key }.map { owner, claims in
            let names = claims.map(\.endpoint).sorted().map { "'\($0)'" }.joined(separator: ", ")
            return "\(names) \(claims.count == 1 ? "belongs" : "belong") to \(owner)"
        }
        return lines.joined(separator: "; ")
            + ", and these files come from \(source). An endpoint has one source: take its document out of one of them, "
            + "or hand it over on purpose with --adopt. "
            + "When it is the same place under another name, --source gives it its old one."
    }
}
