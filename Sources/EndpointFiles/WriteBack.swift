package import Resources

/// Edits endpoint files in place, for `--write`: only the scalars that must change are replaced, so that comments, the
/// order of keys, quoting, anchors and blanks stay as their author left them.
package enum WriteBack {
    /// Sets the traffic of an endpoint's variants.
    ///
    /// `rest` stays `rest`, since what it stands for follows from the others. A share that is already as wanted keeps
    /// its spelling. The result is parsed again and proven to mean exactly what was asked, and nothing else to have
    /// changed.
    ///
    /// - Parameters:
    ///   - text: The file, free of faults; other documents in it are left alone.
    ///   - shares: The wanted share of every variant that is to change; others keep theirs.
    ///   - environment: As for `EndpointFiles.load`.
    /// - Throws: `TurnoutError`: `notFound` if the file does not declare the endpoint or a variant, `invalid` if the
    ///   shares don't sum to 100 %, `invalidFiles` if the file has faults, `conflict` if the spot can't be edited in
    ///   place, as where an alias stands for it.
    package static func setTraffic(
        in text: String, endpoint name: EndpointName, shares: [VariantName: Share], environment: String? = nil
    ) throws(TurnoutError) -> String {
        let before = try parse(text, environment: environment)
        guard let declared = before.first(where: { $0.endpoint.name == name })?.endpoint else {
            throw TurnoutError(.notFound, "The file does not declare the endpoint '\(name)'.")
        }
        let wanted = try wanted(declared, shares)
        let mark = text.unicodeScalars.first == "\u{feff}" ? "\u{feff}" : ""
        let source = SourceText(file: "", text: String(text.unicodeScalars.dropFirst(mark.isEmpty ? 0 : 1)))
        let spots = TrafficSpot.find(in: source, endpoint: name)
        var edits: [(range: Range<String.Index>, text: String)] = []
        for variant in declared.spec.variants {
            guard let share = wanted[variant.name], share != variant.traffic else { continue }
            guard let spot = spots[variant.name] else {
                throw TurnoutError(
                    .conflict, "The traffic of '\(variant.name)' can't be found in the file; edit it by hand.")
            }
            guard !spot.isRest else { continue }
            guard let range = spot.range else {
                throw TurnoutError(
                    .conflict,
                    "The traffic of '\(variant.name)' on line \(spot.position.line) is not a plain number, or has an "
                        + "anchor or alias; edit it by hand.")
            }
            edits.append((range, share.description + (spot.hasPercentSign ? "%" : "")))
        }
        var result = source.text
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            result.replaceSubrange(edit.range, with: edit.text)
        }
        result = mark + result
        try prove(result, before: before, name, wanted, environment: environment)
        return result
    }

    private static func parse(_ text: String, environment: String?) throws(TurnoutError) -> [LoadedEndpoint] {
        let result = EndpointFiles.parse(text: text, file: "file", environment: environment)
        guard let fault = result.diagnostics.first(where: { $0.severity == .error }) else { return result.endpoints }
        throw TurnoutError(
            .invalidFiles,
            "The file has faults and can't be edited; the first, on line \(fault.line): \(fault.message).")
    }

    /// The share that each variant shall have.
    private static func wanted(
        _ declared: DeclaredEndpoint, _ shares: [VariantName: Share]
    ) throws(TurnoutError) -> [VariantName: Share] {
        var wanted: [VariantName: Share] = [:]
        for variant in declared.spec.variants { wanted[variant.name] = shares[variant.name] ?? variant.traffic }
        for name in shares.keys.sorted() where wanted[name] == nil {
            throw TurnoutError(.notFound, "The file does not declare a variant '\(name)' of '\(declared.name)'.")
        }
        let sum = wanted.values.reduce(0) { $0 + $1.buckets }
        guard sum == BucketRange.bucketCount else {
            throw TurnoutError(
                .invalid, "The traffic of '\(declared.name)' would sum to \(Share.text(ofBuckets: sum)) instead of 100."
            )
        }
        return wanted
    }

    private static func prove(
        _ text: String, before: [LoadedEndpoint], _ name: EndpointName, _ wanted: [VariantName: Share],
        environment: String?
    ) throws(TurnoutError) {
        var expected = before.map(\.endpoint)
        for index in expected.indices where expected[index].name == name {
            for arm in expected[index].spec.variants.indices {
                let variant = expected[index].spec.variants[arm].name
                if let share = wanted[variant] { expected[index].spec.variants[arm].traffic = share }
            }
        }
        let result = EndpointFiles.parse(text: text, file: "file", environment: environment)
        guard result.isValid, result.endpoints.map(\.endpoint) == expected else {
            throw TurnoutError(
                .conflict,
                "The traffic of '\(name)' can't be changed in place: a value is shared through an alias; edit it by hand."
            )
        }
    }
}
