/// One version of one model, written `fraud/12`.
package struct VersionReference: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let model: ModelName
    /// 1 or more; given by the registry, never reused.
    package let version: Int

    package init(model: ModelName, version: Int) {
        self.model = model
        self.version = version
    }

    package var description: String { "\(model)/\(version)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.model, left.version) < (right.model, right.version)
    }
}

/// How a person names a version: by number, or by an alias that is resolved when applied.
package enum VersionSelector: Sendable, Hashable, Codable, CustomStringConvertible {
    case version(VersionReference)
    case alias(ModelName, AliasName)

    /// Parses `fraud/12`, `models:/fraud/12`, `fraud@champion` and `models:/fraud@champion`.
    ///
    /// - Throws: `TurnoutError` with code `invalid`, naming the forms that are understood.
    package init(parsing text: String) throws(TurnoutError) {
        let scheme = "models:/"
        let rest = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
        if let at = rest.lastIndex(of: "@") {
            self = .alias(
                try ModelName(validating: String(rest[..<at])),
                try AliasName(validating: String(rest[rest.index(after: at)...])))
            return
        }
        guard let slash = rest.lastIndex(of: "/"),
            let version = Self.number(rest[rest.index(after: slash)...])
        else {
            throw TurnoutError(
                .invalid, "'\(text)' does not name a version: expected MODEL/NUMBER such as fraud/12, or MODEL@ALIAS.")
        }
        self = .version(VersionReference(model: try ModelName(validating: String(rest[..<slash])), version: version))
    }

    /// Decimal digits without a sign or a leading zero, so that a version has one spelling.
    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.hasPrefix("0") else { return nil }
        return Int(text)
    }

    package var model: ModelName {
        switch self {
        case .version(let reference): reference.model
        case .alias(let model, _): model
        }
    }

    package var description: String {
        switch self {
        case .version(let reference): reference.description
        case .alias(let model, let alias): "\(model)@\(alias)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
