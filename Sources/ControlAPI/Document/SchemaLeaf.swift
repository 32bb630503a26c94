import Resources

/// A type that is one JSON value without fields of its own: a text, a number, a range.
protocol SchemaLeaf: Decodable {
    static var schema: JSONTree { get }
    /// A value that examples show.
    static var sample: Self { get throws }
}

extension Bool: SchemaLeaf {
    static var schema: JSONTree { ["type": "boolean"] }
    static var sample: Bool { true }
}

extension Int: SchemaLeaf {
    static var schema: JSONTree { ["type": "integer"] }
    static var sample: Int { 1 }
}

extension Int64: SchemaLeaf {
    static var schema: JSONTree { ["type": "integer", "format": "int64"] }
    static var sample: Int64 { 1 }
}

extension Double: SchemaLeaf {
    static var schema: JSONTree { ["type": "number"] }
    static var sample: Double { 0.5 }
}

extension String: SchemaLeaf {
    static var schema: JSONTree { ["type": "string"] }
    static var sample: String { "text" }
}

/// One of a few words.
extension SchemaLeaf where Self: CaseIterable & RawRepresentable<String> {
    static var schema: JSONTree { ["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })] }
    static var sample: Self { allCases[allCases.startIndex] }
}

extension ChangeOutcome.Status: SchemaLeaf {}
extension Drift.Reason: SchemaLeaf {}
extension EndpointChange.Action: SchemaLeaf {}
extension EndpointFault.Code: SchemaLeaf {}
extension Hold.End: SchemaLeaf {}
extension Hold.Kind: SchemaLeaf {}
extension RetryPolicy.Condition: SchemaLeaf {}
extension RevisionOrigin: SchemaLeaf {}
extension Role: SchemaLeaf {}
extension RoutingKey.Source: SchemaLeaf {}
extension TurnoutError.Code: SchemaLeaf {}

/// A checked name; its rules are said in words where a pattern can't hold them.
extension SchemaLeaf where Self: ValidatedName {
    static func text(_ sample: String, _ rules: JSONTree = [:]) -> JSONTree {
        JSONTree.object(["type": "string", "description": .string("\(expectation)."), "examples": [.string(sample)]])
            .merging(rules)
    }
}

private let dnsLabel = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

extension EndpointName: SchemaLeaf {
    static var schema: JSONTree {
        text("fraud", ["pattern": .string(dnsLabel), "not": ["enum": .array(reserved.sorted().map { .string($0) })]])
    }
    static var sample: EndpointName { EndpointName(unchecked: "fraud") }
}

extension VariantName: SchemaLeaf {
    static var schema: JSONTree { text("champion", ["pattern": .string(dnsLabel)]) }
    static var sample: VariantName { VariantName(unchecked: "champion") }
}

extension ModelName: SchemaLeaf {
    static var schema: JSONTree {
        text(
            "fraud",
            [
                "minLength": 1, "maxLength": 255,
                "pattern": #"^[^\s/:@\u0000-\u001f\u007f]([^/:@\u0000-\u001f\u007f]*[^\s/:@\u0000-\u001f\u007f])?$"#,
            ])
    }
    static var sample: ModelName { ModelName(unchecked: "fraud") }
}

extension AliasName: SchemaLeaf {
    static var schema: JSONTree {
        text(
            "champion",
            [
                "pattern": "^[A-Za-z0-9_-]{1,255}$",
                "not": ["pattern": "^([lL][aA][tT][eE][sS][tT]|[vV][0-9]+)$"],
            ])
    }
    static var sample: AliasName { AliasName(unchecked: "champion") }
}

extension ArtifactName: SchemaLeaf {
    static var schema: JSONTree {
        text(
            "model.joblib",
            [
                "minLength": 1, "maxLength": 1024,
                "pattern":
                    #"^(?!\.{1,2}(/|$))[^/\\\u0000-\u001f\u007f]+(/(?!\.{1,2}(/|$))[^/\\\u0000-\u001f\u007f]+)*$"#,
            ])
    }
    static var sample: ArtifactName { ArtifactName(unchecked: "model.joblib") }
}

extension ArtifactDigest: SchemaLeaf {
    static var schema: JSONTree { text(sample.rawValue, ["pattern": "^sha256:[0-9a-f]{64}$"]) }
    static var sample: ArtifactDigest {
        ArtifactDigest(unchecked: prefix + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
    }
}

extension Interval: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "minLength": 2,
            "maxLength": 18, "examples": ["250ms", "2h"],
            "description": "A length of time: whole numbers with the units d h m s ms, the larger first.",
        ]
    }
    static var sample: Interval { .seconds(2) }
}

extension Share: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "number", "minimum": 0, "maximum": 100, "examples": [.number(12.5)],
            "description": "A percentage in steps of 0.01.",
        ]
    }
    static var sample: Share { Share(parsing: "10") ?? .zero }
}

extension Timestamp: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "format": "date-time", "examples": [.string(sample.description)],
            "description": "A moment in UTC, as RFC 3339 with microseconds.",
        ]
    }
    static var sample: Timestamp { Timestamp(microseconds: 1_793_527_200_000_000) }
}

extension Backend: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "pattern": "^http://", "examples": [.string(sample.description)],
            "description": "The address of a scorer, `http://HOST:PORT`.",
        ]
    }
    static var sample: Backend { Backend(host: "fraud-v12.internal", port: 8080) }
}

extension BackendTemplate: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "examples": ["http://fraud-v{version}.internal:8080"],
            "description":
                "The address of a scorer; `{model}`, `{version}`, `{variant}` and `{env}` stand for the variant's.",
        ]
    }
    static var sample: BackendTemplate {
        get throws { try BackendTemplate(parsing: "http://fraud-v{version}.internal:8080") }
    }
}

extension VersionSelector: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "pattern": "^.+[/@][A-Za-z0-9_-]+$", "examples": ["fraud/12", "fraud@champion"],
            "description": "A version by its number, `fraud/12`, or by an alias, `fraud@champion`.",
        ]
    }
    static var sample: VersionSelector { .version(VersionReference(model: .sample, version: 12)) }
}

extension RoutingKey.OnMissing: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "string", "pattern": .string(dnsLabel), "examples": ["random", "reject", "champion"],
            "description": "`random`, `reject`, or the variant that gets requests without a key.",
        ]
    }
    static var sample: RoutingKey.OnMissing { .random }
}

extension BucketRange: SchemaLeaf {
    static var schema: JSONTree {
        [
            "type": "array", "prefixItems": [["type": "integer"], ["type": "integer"]], "minItems": 2, "maxItems": 2,
            "items": ["type": "integer", "minimum": 0, "maximum": 10_000], "examples": [[0, 9000]],
            "description": "The first bucket, and the one behind the last.",
        ]
    }
    static var sample: BucketRange { get throws { try Self.half() } }

    private static func half() throws -> BucketRange {
        guard let range = BucketRange(0, 5000) else { throw TurnoutError(.internal, "No such range.") }
        return range
    }
}
