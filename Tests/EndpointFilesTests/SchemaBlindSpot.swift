import EndpointFiles
import Foundation
import Resources

/// A kind of fault that the parser finds and no JSON Schema of the file can, with the reason.
struct SchemaBlindSpot: Sendable {
    let name: String
    let reason: String
    let covers: @Sendable (Diagnostic) -> Bool

    init(_ name: String, _ reason: String, covers: @escaping @Sendable (Diagnostic) -> Bool) {
        self.name = name
        self.reason = reason
        self.covers = covers
    }

    init(_ codes: DiagnosticCode..., reason: String) {
        self.init(codes.map(\.rawValue).joined(separator: ", "), reason) { codes.contains($0.code) }
    }

    /// The whole list: whatever else the parser refuses, the schema refuses too.
    static let all: [SchemaBlindSpot] = [
        SchemaBlindSpot(.trafficSum, reason: "a schema does not add"),
        SchemaBlindSpot(
            .duplicateVariant, .duplicateHost, .duplicateEndpoint, .duplicateOverlay,
            reason: "uniqueItems compares whole items of one list, not their names, letter case or other documents"),
        SchemaBlindSpot(
            .duplicateValue, reason: "two templates may expand to one address, 503 and \"503\" are one condition"),
        SchemaBlindSpot(
            .unknownVariant, .unknownEndpoint, .nothingToRemove, reason: "a schema does not follow names"),
        SchemaBlindSpot("rest in two files", "an overlay is judged without the endpoint's own file") {
            $0.code == .duplicateRest && $0.message.contains("the first at ")
        },
        SchemaBlindSpot(.unreachableOverride, reason: "an override is judged by those before it"),
        SchemaBlindSpot(.duplicateKey, reason: "a document with a key twice is none that a schema can see"),
        SchemaBlindSpot("tags", "a schema sees the value, not the tag that made it") {
            $0.code == .unsupportedYAML && $0.message.contains("YAML tag")
        },
        SchemaBlindSpot(.noEnvironment, .misplacedOverlay, reason: "a schema does not know the command or the path"),
        SchemaBlindSpot("bytes of a text", "maxLength counts characters") { fault in
            fault.code == .invalidValue && fault.expected?.contains("bytes") == true && fault.message.hasSuffix("…'")
        },
        SchemaBlindSpot("ranges of time", "a pattern has no arithmetic: 61m is more than 1h") { fault in
            guard fault.expected?.hasPrefix("a length of time") == true, let text = quoted(fault) else { return false }
            return Interval(parsing: text) != nil
        },
        SchemaBlindSpot("hedging", "a pattern does not compare lengths of time, nor a key with another's default") {
            $0.code == .conflictingKeys && $0.message.hasPrefix("'hedgeAfter' ")
        },
        SchemaBlindSpot("addresses", "a pattern knows the characters of ports, labels, IPv6; not their ranges") {
            fault in
            guard fault.code == .invalidBackend else { return false }
            if fault.message.hasPrefix("for variant") { return true }
            guard let text = fault.message.firstMatch(of: /'([^']*)'/)?.1, text.hasPrefix("http://") else {
                return false
            }
            return text.dropFirst(7).wholeMatch(of: /[A-Za-z0-9._\[\]:{}-]+\/?/) != nil
        },
    ]

    /// The value that a message ends with.
    static func quoted(_ fault: Diagnostic) -> String? {
        fault.message.firstMatch(of: /'([^']*)'(?: is not .*)?$/).map { String($0.1) }
    }

    /// Of a value that an editor types before the schema sees it: `010` and `1e1` are 10 to it, and 12.345 is no
    /// multiple of 0.01 nor is 33.33, as binary fractions go.
    static func isSpelling(_ fault: Diagnostic) -> Bool {
        guard fault.code == .invalidValue, let text = quoted(fault) else { return false }
        let isTyped = SchemaReading.number(text) != nil || SchemaReading.core(text) is Bool
        return isTyped && text.wholeMatch(of: /-?(0|[1-9][0-9]*)/) == nil
    }
}
