package import Resources

/// What was read: the endpoints of the documents without a fault, and everything that is wrong.
package struct LoadResult: Sendable {
    /// By name. To be used only if `isValid`: a document with faults is missing here.
    package let endpoints: [LoadedEndpoint]
    /// By file and position.
    package let diagnostics: [Diagnostic]
    /// The environment that was asked for.
    package let environment: String?
    let documents: [EndpointName: SourceDocument]

    package var isValid: Bool { !diagnostics.contains { $0.severity == .error } }

    /// Where each field of an endpoint is from, in the order of its document; those that an overlay removed at the end.
    package func origins(of endpoint: EndpointName) -> [FieldOrigin] {
        documents[endpoint]?.origins(endpoint) ?? []
    }

    /// Whether the environment's overlay changes the endpoint.
    package func isOverlaid(_ endpoint: EndpointName) -> Bool { documents[endpoint]?.merged != nil }

    /// A fault that the registry found, told as one of the endpoint's files.
    ///
    /// - Returns: `nil` if no file declares the endpoint.
    package func diagnostic(_ fault: EndpointFault) -> Diagnostic? {
        diagnostic(
            DiagnosticCode(fault.code), endpoint: fault.endpoint, field: fault.field, message: fault.message,
            expected: fault.expected, suggestion: fault.suggestion)
    }

    /// A fault that was found elsewhere, told as one of the endpoint's files.
    ///
    /// Reads the file again for the excerpt, which is empty where that fails.
    ///
    /// - Parameters:
    ///   - field: As in `FieldOrigin`; where it isn't written down, the nearest that is: its variant, its document.
    /// - Returns: `nil` if no file declares the endpoint.
    package func diagnostic(
        _ code: DiagnosticCode, endpoint: EndpointName, field: String, message: String, expected: String? = nil,
        suggestion: String? = nil
    ) -> Diagnostic? {
        guard let document = documents[endpoint] else { return nil }
        let position = document.position(of: field)
        let file = document.files[position.source]
        var excerpt = ""
        if case .success(let text) = FileFinder.text(of: file) {
            excerpt = SourceText(file: file, text: text).excerpt(at: position)
        }
        return Diagnostic(
            file: file, line: position.line, column: position.column, severity: .error, code: code, message: message,
            expected: expected, suggestion: suggestion, excerpt: excerpt)
    }
}
