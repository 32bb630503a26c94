/// One line of a history: `{"kind": "attempt", …}`.
package enum HistoryEntry: Sendable, Hashable {
    case header(RunHeader)
    case attempt(Attempt)
    case score(ScoreRecord)
    case fault(FaultRecord)
    case outage(ProxyOutage)
    case settlement(Settlement)
    case explained(ExplainedAnswer)
    case evidence(RunEvidence)
}

extension HistoryEntry: Codable {
    private enum Kind: String, Codable {
        case header, attempt, score, fault, outage, settlement, explained, evidence
    }

    private enum CodingKeys: CodingKey { case kind }

    package init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind)
        self =
            switch kind {
            case .header: .header(try RunHeader(from: decoder))
            case .attempt: .attempt(try Attempt(from: decoder))
            case .score: .score(try ScoreRecord(from: decoder))
            case .fault: .fault(try FaultRecord(from: decoder))
            case .outage: .outage(try ProxyOutage(from: decoder))
            case .settlement: .settlement(try Settlement(from: decoder))
            case .explained: .explained(try ExplainedAnswer(from: decoder))
            case .evidence: .evidence(try RunEvidence(from: decoder))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let (kind, content): (Kind, any Encodable) =
            switch self {
            case .header(let value): (.header, value)
            case .attempt(let value): (.attempt, value)
            case .score(let value): (.score, value)
            case .fault(let value): (.fault, value)
            case .outage(let value): (.outage, value)
            case .settlement(let value): (.settlement, value)
            case .explained(let value): (.explained, value)
            case .evidence(let value): (.evidence, value)
            }
        try container.encode(kind, forKey: .kind)
        try content.encode(to: encoder)
    }
}
