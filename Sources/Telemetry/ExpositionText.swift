/// Writes Prometheus' text format 0.0.4: one family at a time, each announced once by `HELP` and `TYPE`.
package struct ExpositionText {
    package enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// Names and values as a line has them, escaped once for all samples that share them.
    package struct Labels: Sendable, ExpressibleByDictionaryLiteral {
        fileprivate private(set) var text = ""

        package init(dictionaryLiteral pairs: (String, String)...) {
            for (name, value) in pairs { append(name, value) }
        }

        /// These, and one more.
        package func with(_ name: String, _ value: String) -> Labels {
            var labels = self
            labels.append(name, value)
            return labels
        }

        private mutating func append(_ name: String, _ value: String) {
            if !text.isEmpty { text += "," }
            text += name
            text += "=\""
            text += ExpositionText.escape(value, quotes: true)
            text += "\""
        }
    }

    package private(set) var text = ""
    private var family = ""
    /// Those of the last histogram: all of a family have the same.
    private var bounds: (values: [Double], labels: [String]) = ([], [])

    package init() {}

    /// Samples that follow belong to this family.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    package mutating func sample(_ labels: Labels = [:], _ value: some BinaryInteger) {
        line("", labels, value: String(value))
    }

    package mutating func sample(_ labels: Labels = [:], seconds value: Double) {
        line("", labels, value: Self.number(value))
    }

    /// - Parameters:
    ///   - bounds: the buckets' upper bounds in seconds, rising; the last bucket, without a bound, is not among them.
    ///   - counts: how many fell into each bucket alone; one more than `bounds`.
    package mutating func histogram(_ labels: Labels, bounds: [Double], counts: [UInt64], sum: Double) {
        if self.bounds.values != bounds {
            self.bounds = (bounds, bounds.map { "le=\"\(Self.number($0))\"" })
        }
        var running: UInt64 = 0
        for (index, count) in counts.enumerated() {
            running += count
            let bound = index < bounds.count ? self.bounds.labels[index] : "le=\"+Inf\""
            line("_bucket", labels, bound, value: String(running))
        }
        line("_sum", labels, value: Self.number(sum))
        line("_count", labels, value: String(running))
    }

    private mutating func line(_ suffix: String, _ labels: Labels, _ more: String = "", value: String) {
        text += family
        text += suffix
        if !labels.text.isEmpty || !more.isEmpty {
            text += "{"
            text += labels.text
            if !labels.text.isEmpty, !more.isEmpty { text += "," }
            text += more
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    fileprivate static func escape(_ value: String, quotes: Bool) -> String {
        if !value.utf8.contains(where: { $0 == 0x5c || $0 == 0x0a || $0 == 0x22 }) { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
