/// A fault of a declared endpoint that its files don't show, and which of its fields has it.
///
/// The registry finds it; whoever has the files can say on which line it is.
package struct EndpointFault: Sendable, Hashable, Codable, CustomStringConvertible {
    /// What kind of fault it is. Stable: scripts compare these.
    package enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        case deletedVersion = "deleted_version"
        case duplicateEndpoint = "duplicate_endpoint"
        case duplicateHost = "duplicate_host"
        case invalidValue = "invalid_value"
        case unknownAlias = "unknown_alias"
        case unknownModel = "unknown_model"
        case unknownVersion = "unknown_version"
    }

    package let code: Code
    package let endpoint: EndpointName
    /// `nil` where the fault is not a variant's.
    package let variant: VariantName?
    /// `spec.hosts`, `spec.variants[champion].model`.
    package let field: String
    /// What is wrong; one sentence without a full stop.
    package let message: String
    /// What would be right.
    package let expected: String?
    /// What to do about it: `did you mean 'fraud'?`.
    package let suggestion: String?

    package init(
        _ code: Code, endpoint: EndpointName, variant: VariantName? = nil, field: String, _ message: String,
        expected: String? = nil, suggestion: String? = nil
    ) {
        self.code = code
        self.endpoint = endpoint
        self.variant = variant
        self.field = field
        self.message = message
        self.expected = expected
        self.suggestion = suggestion
    }

    /// On one line, for whoever has no files.
    package var description: String {
        let arm = variant.map { ", variant '\($0)'" } ?? ""
        return "endpoint '\(endpoint)'\(arm): \(message)" + (suggestion.map { "; \($0)" } ?? "")
    }
}

extension TurnoutError {
    /// What can't be applied, all of it at once.
    package init(faults: [EndpointFault]) {
        let head = faults.count == 1 ? "" : "\(faults.count) faults, so nothing was changed:\n"
        self.init(.invalidFiles, head + faults.map(\.description).joined(separator: "\n"), faults: faults)
    }
}
