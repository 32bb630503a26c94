package import Resources

/// One fault of one endpoint file, told so that the reader can mend it without looking anything up.
///
/// Its JSON form is part of `--output json`; `description` is what a terminal shows.
package struct Diagnostic: Sendable, Hashable, Codable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        /// The files can't be applied.
        case error
        /// Allowed, and hardly meant.
        case warning
    }

    /// The path as it was found below the path that was loaded.
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int
    package let severity: Severity
    package let code: DiagnosticCode
    /// What is wrong; one sentence without a full stop.
    package let message: String
    /// What would be right.
    package let expected: String?
    /// What to do about it: `did you mean 'traffic'?`.
    package let suggestion: String?
    /// The line of the source, and below it a line with a caret under the spot. Empty where the fault has no line.
    package let excerpt: String

    package var description: String {
        var text = "\(file):\(line):\(column): \(severity.rawValue): \(message)"
        if !excerpt.isEmpty {
            let number = String(line)
            let blank = String(repeating: " ", count: number.count)
            for (index, row) in excerpt.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                text += "\n  \(index == 0 ? number : blank) | \(row)"
            }
        }
        if let expected { text += "\n  = expected: \(expected)" }
        if let suggestion { text += "\n  = help: \(suggestion)" }
        return text
    }
}

/// What kind of fault a diagnostic tells of. Stable: scripts compare these.
package enum DiagnosticCode: String, Sendable, Hashable, Codable, CaseIterable {
    case conflictingKeys = "conflicting_keys"
    case deletedVersion = "deleted_version"
    case duplicateEndpoint = "duplicate_endpoint"
    case duplicateHost = "duplicate_host"
    case duplicateKey = "duplicate_key"
    case duplicateOverlay = "duplicate_overlay"
    case duplicateRest = "duplicate_rest"
    case duplicateValue = "duplicate_value"
    case duplicateVariant = "duplicate_variant"
    case emptyList = "empty_list"
    case fileTooLarge = "file_too_large"
    case invalidBackend = "invalid_backend"
    case invalidUTF8 = "invalid_utf8"
    case invalidValue = "invalid_value"
    case invalidYAML = "invalid_yaml"
    case misplacedOverlay = "misplaced_overlay"
    case missingKey = "missing_key"
    case missingValue = "missing_value"
    case noEndpoint = "no_endpoint"
    case noEnvironment = "no_environment"
    case noFiles = "no_files"
    case notAnEndpoint = "not_an_endpoint"
    case notSupportedYet = "not_supported_yet"
    case nothingToRemove = "nothing_to_remove"
    case sharedBackends = "shared_backends"
    case tooDeep = "too_deep"
    case tooManyFaults = "too_many_faults"
    case tooManyNodes = "too_many_nodes"
    case tooManyValues = "too_many_values"
    case trafficSum = "traffic_sum"
    case unknownAlias = "unknown_alias"
    case unknownEndpoint = "unknown_endpoint"
    case unknownEnvironment = "unknown_environment"
    case unknownKey = "unknown_key"
    case unknownModel = "unknown_model"
    case unknownPlaceholder = "unknown_placeholder"
    case unknownVariant = "unknown_variant"
    case unknownVersion = "unknown_version"
    case unreachableOverride = "unreachable_override"
    case unreadable = "unreadable"
    case unsupportedYAML = "unsupported_yaml"
    case wrongType = "wrong_type"
}

extension DiagnosticCode {
    /// The same fault by the same word.
    package init(_ code: EndpointFault.Code) {
        self =
            switch code {
            case .deletedVersion: .deletedVersion
            case .duplicateEndpoint: .duplicateEndpoint
            case .duplicateHost: .duplicateHost
            case .invalidValue: .invalidValue
            case .unknownAlias: .unknownAlias
            case .unknownModel: .unknownModel
            case .unknownVersion: .unknownVersion
            }
    }
}
