package import Resources

/// Reads endpoint files. Values in, values out; the only input is the file system, the only limit its files' sizes.
package enum EndpointFiles {
    /// Reads every `*.yaml` and `*.yml` below a directory, or one file, and finds all faults in one pass.
    ///
    /// Names that begin with a dot are skipped; symbolic links to directories are not followed. Files are read in the
    /// order of their paths. Blocks on the file system; call it from where blocking is allowed.
    ///
    /// A directory with `environments/` is read for one of these: its overlays change the endpoints of the other files.
    /// One file has the environments beside it; what they say of other endpoints is then left alone.
    ///
    /// - Parameters:
    ///   - path: A directory or a file, absolute or relative; diagnostics name files as found below it.
    ///   - environment: Whose overlays to take, and what `{env}` in a backend stands for. With `nil`, both `{env}` and
    ///     a directory with environments are faults.
    package static func load(_ path: String, environment: String? = nil) -> LoadResult {
        load(path, environment: environment, replacing: [:])
    }

    /// - Parameter replacing: By file, what to read instead of what is there.
    static func load(_ path: String, environment: String?, replacing: [String: String]) -> LoadResult {
        func text(of file: String) -> Result<String, FileFinder.Fault> {
            replacing[file].map { .success($0) } ?? FileFinder.text(of: file)
        }
        let (files, faults) = FileFinder.files(at: path)
        let found = EnvironmentFinder(files: files, below: path)
        if let fault = found.fault(environment, at: path) {
            return LoadResult(endpoints: [], diagnostics: faults + [fault], environment: environment, documents: [:])
        }
        var overlaid = EnvironmentFiles()
        for file in environment.flatMap({ found.environments[$0] }) ?? [] {
            switch text(of: file) {
            case .success(let text):
                overlaid.add(SourceText(file: file, text: text), environment: environment ?? "")
            case .failure(let fault): overlaid.add(fault.diagnostic)
            }
        }
        var gathered = Gathered(diagnostics: faults, environment: environment, overlaid: overlaid)
        for file in found.shared {
            switch text(of: file) {
            case .success(let text): gathered.add(SourceText(file: file, text: text))
            case .failure(let fault): gathered.add(fault)
            }
        }
        gathered.addEnvironment()
        return gathered.result(isWhole: files != [path])
    }

    /// The environments of a directory, or of the directory that a file is in, by name; empty where it has none.
    package static func environments(of path: String) -> [String] {
        EnvironmentFinder(files: FileFinder.files(at: path).files, below: path).names
    }

    /// Reads one text as if it were the file `file`; several documents may follow one another.
    package static func parse(text: String, file: String, environment: String? = nil) -> LoadResult {
        var gathered = Gathered(diagnostics: [], environment: environment)
        switch FileFinder.text(ofBytes: Array(text.utf8), file: file) {
        case .success(let text): gathered.add(SourceText(file: file, text: text))
        case .failure(let fault): gathered.add(fault)
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
