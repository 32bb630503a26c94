import Foundation
import Resources

/// The particulars of an audit entry in words, as far as they are about endpoints: what went live, what waits, and what
/// became of holds.
struct AuditDetail: Decodable {
    private struct Part: Decodable {
        let endpoint: EndpointName
        let revision: Int?
        let live: Bool?
        let removed: Bool?
        let endsHold: Hold.End?
        let makesHold: Hold.Kind?
        let holdUntil: Timestamp?

        var words: [String] {
            var words: [String] = []
            if let revision {
                let state = (live == true ? "" : " waits") + (removed == true ? ", removed" : "")
                words.append("revision \(revision)" + state)
            }
            if let endsHold { words.append("hold ended: \(endsHold.words)") }
            if makesHold != nil { words.append("hold" + (holdUntil.map { " until \($0.seconds)" } ?? "")) }
            return words
        }
    }

    private let endpoints: [Part]

    /// Empty for entries about anything else.
    static func words(of entry: AuditEntry) -> String {
        guard entry.action.hasPrefix("endpoint."),
            let detail = try? JSONDecoder().decode(AuditDetail.self, from: Data(entry.detail.utf8))
        else { return "" }
        if detail.endpoints.count == 1 { return detail.endpoints.flatMap(\.words).joined(separator: "; ") }
        let waiting = detail.endpoints.count { $0.revision != nil && $0.live != true }
        let removed = detail.endpoints.count { $0.removed == true }
        return
            (["\(detail.endpoints.count) endpoints"] + (waiting > 0 ? ["\(waiting) wait"] : [])
            + (removed > 0 ? ["\(removed) removed"] : [])).joined(separator: "; ")
    }
}
