import ArgumentParser
import EndpointFiles
import Foundation
import Resources

/// Bringing a split into the endpoint's file, so that git can catch up.
struct WriteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bring the new split into the endpoint's file as well: a file or a directory.", valueName: "dir"))
    var write: String?

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("Whose overlay --write edits, where it sets the split.", valueName: "name"))
    var environment: String?

    func validate() throws {
        guard environment == nil || write != nil else {
            throw ValidationError("--env says which files --write edits: add --write DIR, or leave --env out")
        }
    }

    /// Looks whether the split could be brought in, before anything is changed.
    ///
    /// - Throws: what is wrong with the files, or that they don't have the endpoint or variant.
    func check(_ endpoint: EndpointName, _ variant: VariantName) throws {
        guard let write else { return }
        let loaded = EndpointFiles.load(write, environment: environment)
        guard loaded.isValid else { throw FileFaults(path: write, diagnostics: loaded.diagnostics) }
        guard let declared = loaded.endpoints.first(where: { $0.endpoint.name == endpoint })?.endpoint else {
            throw CommandFault(
                .usage, "no file of \(write) declares the endpoint '\(endpoint)', so nothing was changed",
                hint: "give --write the file or directory that does, or leave it out and edit the file later")
        }
        guard declared.spec.variants.contains(where: { $0.name == variant }) else {
            throw CommandFault(
                .usage, "'\(endpoint)' has no variant '\(variant)' in \(write), so nothing was changed",
                hint: "it has \(declared.spec.variants.map(\.name.rawValue).joined(separator: ", "))")
        }
    }

    /// Edits the lines that decide the split.
    ///
    /// - Returns: what was done; `nil` when it was not asked for.
    /// - Throws: `CommandFault` that says what to write by hand.
    func bring(_ outcome: ChangeOutcome, _ endpoint: EndpointName) throws -> WrittenSplit? {
        guard let write else { return nil }
        let split = outcome.changes.first { $0.endpoint == endpoint }?.after ?? []
        do {
            let edit = try WriteBack.setTraffic(
                at: write, endpoint: endpoint,
                shares: Dictionary(split.map { ($0.name, $0.traffic) }, uniquingKeysWith: { first, _ in first }),
                environment: environment)
            for file in edit.files { try file.write() }
            return WrittenSplit(edit, path: write, environment: environment)
        } catch {
            throw CommandFault(
                .failed, "the split is live, but was not brought into \(write): \(error.message)",
                hint: "write it by hand: " + split.map { "\($0.name) \($0.traffic) %" }.joined(separator: ", "))
        }
    }
}
