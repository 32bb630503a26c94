package import Resources

/// Reads endpoint files. Values in, values out; the only input is the file system, the only limit its files' sizes.
package enum EndpointFiles {
    /// Reads every `*.yaml` and `*.yml` below a directory, or one file, and finds all faults in one pass.
    ///
    /// Names that begin with a dot are skipped; symbolic links to directories are not followed. Files are read in the
    /// order of their paths. Blocks on the file system; call it from where blocking is allowed.
    ///
    /// - Parameters:
    ///   - path: A directory or a file, absolute or relative; diagnostics name files as found below it.
    ///   - environment: What `{env}` in a backend stands for; `nil` makes its use a fault.
    package static func load(_ path: String, environment: String? = nil) -> LoadResult {
        let (files, faults) = FileFinder.files(at: path)
        var gathered = Gathered(diagnostics: faults)
        for file in files {
            switch FileFinder.text(of: file) {
            case .success(let text): gathered.add(SourceText(file: file, text: text), environment: environment)
            case .failure(let fault): gathered.add(fault.diagnostic)
            }
        }
        return gathered.result()
    }

    /// Reads one text as if it were the file `file`; several documents may follow one another.
    package static func parse(text: String, file: String, environment: String? = nil) -> LoadResult {
        var gathered = Gathered(diagnostics: [])
        switch FileFinder.text(ofBytes: Array(text.utf8), file: file) {
        case .success(let text): gathered.add(SourceText(file: file, text: text), environment: environment)
        case .failure(let fault): gathered.add(fault.diagnostic)
        }
        return gathered.result()
    }
}

/// An endpoint and the document that declares it.
package struct LoadedEndpoint: Sendable, Hashable {
    package let endpoint: DeclaredEndpoint
    package let file: String
    /// The document's first line, from 1.
    package let line: Int
}

/// What was read: the endpoints of the documents without a fault, and everything that is wrong.
package struct LoadResult: Sendable {
    /// By name. To be used only if `isValid`: a document with faults is missing here.
    package let endpoints: [LoadedEndpoint]
    /// By file and position.
    package let diagnostics: [Diagnostic]

    package var isValid: Bool { !diagnostics.contains { $0.severity == .error } }
}
