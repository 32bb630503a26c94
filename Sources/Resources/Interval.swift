/// A length of time as endpoint files write it: `250ms`, `2s`, `10m`, `1h`, `1h30m`.
package struct Interval: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 0 or more, below 2^53 so that every JSON reader keeps it.
    package let milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = max(0, milliseconds) }

    package static func seconds(_ value: Int) -> Interval { Interval(milliseconds: value * 1000) }

    /// - Returns: `nil` unless the text is one or more whole numbers, each with one of the units `d h m s ms`, the
    ///   larger first.
    package init?(parsing text: String) {
        var total = 0
        var rest = text[...]
        var largest = Int.max
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isLetter }
            guard let unit = Self.units.first(where: { $0.name == letters }), unit.milliseconds < largest
            else { return nil }
            rest = rest.dropFirst(letters.count)
            largest = unit.milliseconds
            let (part, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, overflowsSum) = total.addingReportingOverflow(part)
            guard !overflow, !overflowsSum, sum < 1 << 53 else { return nil }
            total = sum
        }
        guard largest != Int.max else { return nil }
        self.init(milliseconds: total)
    }

    package var duration: Duration { .milliseconds(milliseconds) }

    package var description: String {
        if milliseconds == 0 { return "0s" }
        var rest = milliseconds
        var text = ""
        for unit in Self.units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    private static let units: [(name: Substring, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
}

extension Interval: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Interval(parsing: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a length of time like 250ms"))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
