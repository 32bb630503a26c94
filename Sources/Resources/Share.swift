/// A share of an endpoint's traffic, in hundredths of a per cent: as many as the buckets it stands for.
package struct Share: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 0 to 10,000.
    package let buckets: Int

    package static let zero = Share(unchecked: 0)
    package static let all = Share(unchecked: BucketRange.bucketCount)

    /// - Returns: `nil` unless `buckets` is between 0 and 10,000.
    package init?(buckets: Int) {
        guard (0...BucketRange.bucketCount).contains(buckets) else { return nil }
        self.buckets = buckets
    }

    private init(unchecked buckets: Int) { self.buckets = buckets }

    /// Parses a percentage between 0 and 100 with at most two decimals, with or without `%`: `10`, `0.01`, `12.5%`.
    ///
    /// Exact: the text is never read as a floating-point number.
    package init?(parsing text: String) {
        let digits = text.hasSuffix("%") ? text.dropLast() : Substring(text)
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...3).contains(whole.count), Self.isDigits(whole), let percent = Int(whole)
        else { return nil }
        var hundredths = 0
        if parts.count == 2 {
            let trimmed = String(parts[1])
            guard !trimmed.isEmpty, trimmed.count <= 20, Self.isDigits(parts[1]) else { return nil }
            let padded = (trimmed + "00").prefix(2)
            guard trimmed.dropFirst(2).allSatisfy({ $0 == "0" }), let value = Int(padded) else { return nil }
            hundredths = value
        }
        self.init(buckets: percent * 100 + hundredths)
    }

    /// Per cent; exact for every share, since two decimals suffice.
    package var percent: Double { Double(buckets) / 100 }

    /// `10`, `12.5`, `0.01`: no trailing zeros and no sign.
    package var description: String { Self.text(ofBuckets: buckets) }

    /// The percentage of any number of buckets, also of more than there are: `103.5`.
    package static func text(ofBuckets buckets: Int) -> String {
        let (whole, hundredths) = buckets.quotientAndRemainder(dividingBy: 100)
        if hundredths == 0 { return "\(whole)" }
        if hundredths % 10 == 0 { return "\(whole).\(hundredths / 10)" }
        return "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }

    package static func < (left: Self, right: Self) -> Bool { left.buckets < right.buckets }

    private static func isDigits(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// On the wire a share is its percentage as a number: `12.5`.
extension Share: Codable {
    package init(from decoder: any Decoder) throws {
        let percent = try decoder.singleValueContainer().decode(Double.self)
        let buckets = (percent * 100).rounded()
        guard buckets >= 0, buckets <= 10_000, abs(buckets - percent * 100) < 1e-6,
            let share = Share(buckets: Int(buckets))
        else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\(percent) is not a percentage between 0 and 100 in steps of 0.01"))
        }
        self = share
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(percent)
    }
}
