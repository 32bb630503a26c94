/// A backend as an endpoint file writes it: `http://fraud-v{version}.internal:8080`, its placeholders not yet replaced.
///
/// Kept apart from `Backend` because `{version}` is unknown while a variant names its version by an alias.
package struct BackendTemplate: Sendable, Hashable, CustomStringConvertible {
    package enum Placeholder: String, Sendable, Hashable, CaseIterable {
        case model
        case version
        case variant
        case env
    }

    /// The text as written.
    package let text: String
    private let pieces: [Piece]

    private enum Piece: Sendable, Hashable {
        case literal(String)
        case placeholder(Placeholder)
    }

    /// Checks the braces and the placeholders' names; whether a valid address comes out shows when it is expanded.
    ///
    /// - Throws: `TurnoutError` with code `invalid`, naming the placeholder that is unknown or not closed.
    package init(parsing text: String) throws(TurnoutError) {
        self.text = text
        var pieces: [Piece] = []
        var rest = text[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if brace > rest.startIndex { pieces.append(.literal(String(rest[..<brace]))) }
            guard rest[brace] == "{", let close = rest[brace...].firstIndex(of: "}") else {
                let which = rest[brace] == "{" ? "'{' that is not closed" : "'}' that was not opened"
                throw TurnoutError(.invalid, "'\(text)' has a \(which).")
            }
            let name = rest[rest.index(after: brace)..<close]
            guard let placeholder = Placeholder(rawValue: String(name)) else {
                let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                throw TurnoutError(
                    .invalid, "'\(text)' has the unknown placeholder '{\(name)}': expected one of \(known).")
            }
            pieces.append(.placeholder(placeholder))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.literal(String(rest))) }
        self.pieces = pieces
    }

    package var description: String { text }

    package var placeholders: Set<Placeholder> {
        Set(
            pieces.compactMap { piece in
                if case .placeholder(let placeholder) = piece { placeholder } else { nil }
            })
    }

    /// Replaces the placeholders and parses what comes out.
    ///
    /// - Parameter environment: What `{env}` stands for; `nil` where no environment was named.
    /// - Throws: `TurnoutError` with code `invalid` when the result is not a backend, or `{env}` has no value.
    package func expanded(
        variant: VariantName, version: VersionReference, environment: String?
    ) throws(TurnoutError) -> Backend {
        var result = ""
        for piece in pieces {
            switch piece {
            case .literal(let text): result += text
            case .placeholder(.model): result += version.model.rawValue
            case .placeholder(.version): result += String(version.version)
            case .placeholder(.variant): result += variant.rawValue
            case .placeholder(.env):
                guard let environment else {
                    throw TurnoutError(.invalid, "'\(text)' uses {env}, and no environment is named.")
                }
                result += environment
            }
        }
        do {
            return try Backend(parsing: result)
        } catch {
            guard !placeholders.isEmpty else { throw error }
            throw TurnoutError(error.code, "\(error.message) It is what '\(text)' expands to.")
        }
    }
}

extension BackendTemplate: Codable {
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
        try container.encode(text)
    }
}
