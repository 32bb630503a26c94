package import Resources

/// Edits endpoint files in place, for `--write`: only the scalars that must change are replaced, so that comments, the
/// order of keys, quoting, anchors and blanks stay as their author left them.
///
/// `rest` stays `rest`, since what it stands for follows from the others. A share that is already as wanted keeps its
/// spelling. The result is read again and proven to mean exactly what was asked, and nothing else to have changed.
package enum WriteBack {
    /// Finds the lines that decide an endpoint's split, and what they must say instead. Writes nothing.
    ///
    /// A share that an environment's overlay sets is edited there, any other in the endpoint's own file, which other
    /// environments read as well.
    ///
    /// - Parameters:
    ///   - path: A directory or a file, as for `EndpointFiles.load`, and free of faults.
    ///   - shares: The wanted share of every variant that is to change; others keep theirs.
    /// - Throws: `TurnoutError`: `notFound` if the files do not declare the endpoint or a variant, `invalid` if the
    ///   shares don't sum to 100 %, `invalidFiles` if the files have faults, `conflict` if a spot can't be edited in
    ///   place, as where an alias stands for it, or another endpoint or environment would no longer be what it is.
    package static func setTraffic(
        at path: String, endpoint name: EndpointName, shares: [VariantName: Share], environment: String? = nil
    ) throws(TurnoutError) -> SplitEdit {
        let before = EndpointFiles.load(path, environment: environment)
        let declared = try declared(name, in: before)
        let wanted = try wanted(declared, shares)
        var files: [FileEdit] = []
        for (file, spots) in try spots(declared, wanted, before) {
            guard case .success(let text) = FileFinder.text(of: file) else {
                throw TurnoutError(.conflict, "\(file) can't be read.")
            }
            files.append(try FileEdit(file: file, text: SourceText(file: file, text: text), spots: spots, wanted))
        }
        let replacing = Dictionary(files.map { ($0.file, $0.after) }, uniquingKeysWith: { first, _ in first })
        try prove(
            EndpointFiles.load(path, environment: environment, replacing: replacing), before: before, name, wanted)
        var others: [String] = []
        for other in EndpointFiles.environments(of: path) where other != environment {
            let isChanged = try changes(
                name, EndpointFiles.load(path, environment: other),
                EndpointFiles.load(path, environment: other, replacing: replacing), files, environment)
            if isChanged { others.append(other) }
        }
        return SplitEdit(files: files.sorted { $0.file < $1.file }, alsoChanges: others)
    }

    /// Sets the traffic of an endpoint's variants in one text.
    ///
    /// - Parameters:
    ///   - text: The file, free of faults; other documents in it are left alone.
    ///   - shares: The wanted share of every variant that is to change; others keep theirs.
    ///   - environment: As for `EndpointFiles.load`.
    /// - Throws: As the other one.
    package static func setTraffic(
        in text: String, endpoint name: EndpointName, shares: [VariantName: Share], environment: String? = nil
    ) throws(TurnoutError) -> String {
        let before = EndpointFiles.parse(text: text, file: "the file", environment: environment)
        let declared = try declared(name, in: before)
        let wanted = try wanted(declared, shares)
        let mark = text.unicodeScalars.first == "\u{feff}" ? "\u{feff}" : ""
        var result = String(text.unicodeScalars.dropFirst(mark.isEmpty ? 0 : 1))
        for (file, spots) in try spots(declared, wanted, before) {
            result = try FileEdit(file: file, text: SourceText(file: file, text: result), spots: spots, wanted).after
        }
        result = mark + result
        let after = EndpointFiles.parse(text: result, file: "the file", environment: environment)
        try prove(after, before: before, name, wanted)
        return result
    }

    // MARK: - What is wanted

    private static func declared(
        _ name: EndpointName, in loaded: LoadResult
    ) throws(TurnoutError) -> DeclaredEndpoint {
        if let fault = loaded.diagnostics.first(where: { $0.severity == .error }) {
            throw TurnoutError(
                .invalidFiles, "\(fault.file) has faults and can't be edited; on line \(fault.line): \(fault.message).")
        }
        guard let declared = loaded.endpoints.first(where: { $0.endpoint.name == name })?.endpoint else {
            throw TurnoutError(.notFound, "No file declares the endpoint '\(name)'.")
        }
        return declared
    }

    /// The share that each variant shall have.
    private static func wanted(
        _ declared: DeclaredEndpoint, _ shares: [VariantName: Share]
    ) throws(TurnoutError) -> [VariantName: Share] {
        var wanted: [VariantName: Share] = [:]
        for variant in declared.spec.variants { wanted[variant.name] = shares[variant.name] ?? variant.traffic }
        for name in shares.keys.sorted() where wanted[name] == nil {
            throw TurnoutError(.notFound, "No file declares a variant '\(name)' of '\(declared.name)'.")
        }
        let sum = wanted.values.reduce(0) { $0 + $1.buckets }
        guard sum == BucketRange.bucketCount else {
            throw TurnoutError(
                .invalid, "The traffic of '\(declared.name)' would sum to \(Share.text(ofBuckets: sum)) instead of 100."
            )
        }
        return wanted
    }

    // MARK: - Where it stands

    /// By file: the variants whose share changes, and where that is written.
    private static func spots(
        _ declared: DeclaredEndpoint, _ wanted: [VariantName: Share], _ loaded: LoadResult
    ) throws(TurnoutError) -> [String: [VariantName: YAMLNode]] {
        guard let document = loaded.documents[declared.name],
            case .sequence(let arms)? = document.root.value("spec")?.value("variants")?.content
        else { throw TurnoutError(.conflict, "The variants of '\(declared.name)' can't be found in its file.") }
        var spots: [String: [VariantName: YAMLNode]] = [:]
        for variant in declared.spec.variants where wanted[variant.name] != variant.traffic {
            let arm = arms.first { $0.value("name")?.text == variant.name.rawValue }
            guard let traffic = arm?.value("traffic") else {
                throw TurnoutError(.conflict, "The traffic of '\(variant.name)' can't be found in its file.")
            }
            guard traffic.text != "rest" else { continue }
            spots[document.files[traffic.position.source], default: [:]][variant.name] = traffic
        }
        return spots
    }

    // MARK: - Whether that is all

    private static func prove(
        _ after: LoadResult, before: LoadResult, _ name: EndpointName, _ wanted: [VariantName: Share]
    ) throws(TurnoutError) {
        var expected = before.endpoints.map(\.endpoint)
        for index in expected.indices where expected[index].name == name {
            for arm in expected[index].spec.variants.indices {
                let variant = expected[index].spec.variants[arm].name
                if let share = wanted[variant] { expected[index].spec.variants[arm].traffic = share }
            }
        }
        guard after.isValid, after.endpoints.map(\.endpoint) == expected else {
            throw TurnoutError(
                .conflict,
                "The traffic of '\(name)' can't be changed in place: another value is the same through an alias.")
        }
    }

    /// Whether another environment reads the endpoint otherwise after the edit.
    private static func changes(
        _ name: EndpointName, _ before: LoadResult, _ after: LoadResult, _ files: [FileEdit], _ environment: String?
    ) throws(TurnoutError) -> Bool {
        // What was broken can't get worse.
        guard before.isValid else { return false }
        guard after.isValid else {
            let fault = after.diagnostics.first { $0.severity == .error }
            let places = files.map(\.file).joined(separator: " and ")
            throw TurnoutError(
                .conflict,
                "The split is set in \(places), which the environment '\(after.environment ?? "")' reads too, and would "
                    + "then have a fault: \(fault?.message ?? "its endpoints can't be read"). Let the overlay of "
                    + "'\(environment ?? "")' set the traffic of every variant of '\(name)'.")
        }
        return after.endpoints.map(\.endpoint) != before.endpoints.map(\.endpoint)
    }
}
