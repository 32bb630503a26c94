import Resources

/// Stored as `{"step": 3, "owned": [["champion", 0, 9000, 1], …], "lost": […]}`: short, and readable in a query.
extension BucketMap: Codable {
    private enum CodingKeys: String, CodingKey {
        case step
        case owned
        case lost
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            step: try container.decode(Int.self, forKey: .step),
            owned: try container.decode([Holding].self, forKey: .owned),
            lost: try container.decode([Holding].self, forKey: .lost))
        guard isEmpty || Self.isPartition(ranges) else {
            throw DecodingError.dataCorruptedError(
                forKey: .owned, in: container, debugDescription: "the ranges don't cover every bucket exactly once")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(owned, forKey: .owned)
        try container.encode(lost, forKey: .lost)
    }
}

extension BucketMap.Holding: Codable {
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let variant = try container.decode(VariantName.self)
        let lower = try container.decode(Int.self)
        let upper = try container.decode(Int.self)
        guard let range = BucketRange(lower, upper) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a bucket range: [\(lower), \(upper)]")
        }
        self.init(variant: variant, range: range, step: try container.decode(Int.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(variant)
        try container.encode(range.lower)
        try container.encode(range.upper)
        try container.encode(step)
    }
}
