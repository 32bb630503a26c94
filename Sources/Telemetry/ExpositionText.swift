/// Writes Prometheus' text format 0.0.4: one family at a time, each announced once by `HELP` and `TYPE`.
package struct ExpositionText {
    package enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    package typealias Labels = [(name: String, value: String)]

    package private(set) var text = ""
    private var family = ""

    package init() {}

    /// Samples that follow belong to this family.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    package mutating func sample(_ labels: Labels = [], _ value: some BinaryInteger) {
        line("", labels, String(value))
    }

    package mutating func sample(_ labels: Labels = [], seconds value: Double) {
        line("", labels, Self.number(value))
    }

    /// - Parameters:
    ///   - bounds: the buckets' upper bounds in seconds, rising; the last bucket, without a bound, is not among them.
    ///   - counts: how many fell into each bucket alone; one more than `bounds`.
    package mutating func histogram(_ labels: Labels, bounds: [Double], counts: [UInt64], sum: Double) {
        var running: UInt64 = 0
        for (index, count) in counts.enumerated() {
            running += count
            let bound = index < bounds.count ? Self.number(bounds[index]) : "+Inf"
            line("_bucket", labels + [(name: "le", value: bound)], String(running))
        }
        line("_sum", labels, Self.number(sum))
        line("_count", labels, String(running))
    }

    private mutating func line(_ suffix: String, _ labels: Labels, _ value: String) {
        text += family
        text += suffix
        if !labels.isEmpty {
            text += "{"
            for (index, label) in labels.enumerated() {
                if index > 0 { text += "," }
                text += label.name
                text += "=\""
                text += Self.escape(label.value, quotes: true)
                text += "\""
            }
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

    private static func escape(_ value: String, quotes: Bool) -> String {
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
