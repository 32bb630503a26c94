/// A strict reader of Prometheus' text format 0.0.4, written from its specification and apart from the writer.
package struct ParsedExposition: Sendable {
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Sample: Sendable, Hashable {
        package var name: String
        package var labels: [String: String]
        package var value: Double
    }

    package private(set) var types: [String: String] = [:]
    package private(set) var helps: [String: String] = [:]
    package private(set) var samples: [Sample] = []

    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    package init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "the last line has no end") }
        var current = ""
        var seen: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# ") {
                let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
                guard parts.count == 4 else { throw Fault(description: "a comment without content: \(line)") }
                if parts[1] == "HELP" {
                    guard helps.updateValue(parts[3], forKey: parts[2]) == nil else {
                        throw Fault(description: "\(parts[2]) is announced twice")
                    }
                    current = parts[2]
                } else if parts[1] == "TYPE" {
                    guard current == parts[2], types.updateValue(parts[3], forKey: parts[2]) == nil else {
                        throw Fault(description: "a TYPE out of place: \(line)")
                    }
                }
                continue
            }
            let sample = try Self.sample(line)
            guard Self.family(of: sample, types) == current else {
                throw Fault(description: "\(sample.name) stands among \(current)")
            }
            guard seen.insert("\(sample.name)\(sample.labels.sorted { $0.key < $1.key })").inserted else {
                throw Fault(description: "the same series twice: \(line)")
            }
            samples.append(sample)
        }
        try checkTypes()
        try checkHistograms()
    }

    private static func family(of sample: Sample, _ types: [String: String]) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where sample.name.hasSuffix(suffix) {
            let base = String(sample.name.dropLast(suffix.count))
            if types[base] == "histogram" { return base }
        }
        return sample.name
    }

    private func checkTypes() throws {
        for (name, type) in types {
            guard ["counter", "gauge", "histogram"].contains(type) else { throw Fault(description: "type \(type)") }
            guard name.hasSuffix("_total") == (type == "counter") else {
                throw Fault(description: "\(name) must end in _total exactly when it is a counter")
            }
            guard helps[name] != nil else { throw Fault(description: "\(name) has no help") }
        }
    }

    private func checkHistograms() throws {
        for (name, type) in types where type == "histogram" {
            let buckets = samples.filter { $0.name == name + "_bucket" }
            let series = Dictionary(grouping: buckets) { sample in sample.labels.filter { $0.key != "le" } }
            for (labels, buckets) in series {
                let bounds = buckets.compactMap { Double($0.labels["le"] == "+Inf" ? "inf" : $0.labels["le"] ?? "") }
                guard bounds.count == buckets.count, bounds == bounds.sorted(), bounds.last == .infinity else {
                    throw Fault(description: "\(name)'s bounds do not rise to +Inf: \(bounds)")
                }
                guard buckets.map(\.value) == buckets.map(\.value).sorted() else {
                    throw Fault(description: "\(name)'s buckets are not cumulative")
                }
                guard value(name + "_count", labels) == buckets.last?.value, value(name + "_sum", labels) != nil else {
                    throw Fault(description: "\(name)'s count and sum do not fit its buckets")
                }
            }
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line
        let name = String(take(&rest) { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") })
        guard let first = name.first, !first.isNumber else { throw Fault(description: "no name: \(line)") }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = String(take(&rest) { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
                guard !label.isEmpty, rest.hasPrefix("=\"") else { throw Fault(description: "a bad label: \(line)") }
                rest = rest.dropFirst(2)
                let text = try quoted(&rest)
                guard labels.updateValue(text, forKey: label) == nil else {
                    throw Fault(description: "label \(label) twice: \(line)")
                }
                if rest.first == "," {
                    rest.removeFirst()
                } else if rest.first != "}" {
                    throw Fault(description: "labels without an end: \(line)")
                }
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst() == "+Inf" ? "inf" : String(rest.dropFirst()))
        else {
            throw Fault(description: "no value: \(line)")
        }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring) throws -> String {
        var text = ""
        while let character = rest.popFirst() {
            if character == "\"" { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "\\": text.append("\\")
            case "\"": text.append("\"")
            default: throw Fault(description: "an unknown escape")
            }
        }
        throw Fault(description: "a label value without an end")
    }

    private static func take(_ rest: inout Substring, while condition: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: condition)
        rest = rest.dropFirst(taken.count)
        return taken
    }
}
