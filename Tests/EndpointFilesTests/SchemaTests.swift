import Foundation
import Resources
import Testing

@testable import EndpointFiles

/// What a file of the corpus, or a mutant of one, is to the parser and to the schema.
private struct JudgedFile {
    let name: String
    let documents: [YAMLNode]
    let faults: [Diagnostic]

    /// The faults of the parser that the schema must see.
    func visible(_ reading: SchemaReading) -> [Diagnostic] {
        faults.filter { fault in
            !SchemaBlindSpot.all.contains { $0.covers(fault) }
                && !(reading == .typed && SchemaBlindSpot.isSpelling(fault))
        }
    }
}

@Suite("The JSON Schema and the parser") struct SchemaTests {
    /// Every file of the corpus that is YAML.
    private static let corpus: [JudgedFile] = {
        var files: [JudgedFile] = []
        for kind in [Corpus.Kind.good, .bad] {
            for name in Corpus.names(kind) {
                let path = "\(Corpus.directory.path)/\(kind.rawValue)/\(name)"
                if let file = judged(path, Corpus.load(kind, name)) { files.append(file) }
            }
        }
        for name in Corpus.overlays {
            let folder = "\(Corpus.directory.path)/overlays/\(name)"
            // By itself, as an editor sees it: an overlay may complete it.
            if let text = try? String(contentsOfFile: "\(folder)/fraud.yaml", encoding: .utf8) {
                let alone = EndpointFiles.parse(text: text, file: "\(folder)/fraud.yaml", environment: "test")
                if let file = judged("\(folder)/fraud.yaml", alone) { files.append(file) }
            }
            let result = Corpus.loadOverlay(name)
            let found = EnvironmentFinder(files: FileFinder.files(at: folder).files, below: folder)
            for path in found.environments["test", default: []] {
                if let file = judged(path, result) { files.append(file) }
            }
        }
        return files
    }()

    private static func judged(_ path: String, _ result: LoadResult) -> JudgedFile? {
        guard case .success(let text) = FileFinder.text(of: path) else { return nil }
        let (documents, log) = YAMLReader.read(SourceText(file: path, text: text))
        guard log.errorCount == 0 else { return nil }
        return JudgedFile(
            name: path.replacing(Corpus.directory.path + "/", with: ""), documents: documents,
            faults: result.diagnostics.filter { $0.file == path && $0.severity == .error })
    }

    @Test("The corpus has at least 150 cases") func size() {
        #expect(Corpus.names(.good).count + Corpus.names(.bad).count + Corpus.overlays.count >= 150)
    }

    @Test("They accept and refuse the same files of the corpus, but for what no schema can say")
    func corpusAgrees() throws {
        let files = Self.corpus
        #expect(files.count >= 140)
        try Self.expectAgreement(files)
    }

    @Test("They agree on thousands of mutants of the corpus", arguments: [UInt64(1), 2, 3]) func mutantsAgree(
        _ seed: UInt64
    )
        throws
    {
        var mutation = TreeMutation(seed: seed)
        let seeds = Self.corpus.filter { $0.faults.isEmpty }.flatMap(\.documents)
            .filter { TreeMutation.count($0) < 100 }
        let loaded = try Self.overlaidBase()
        let base = try #require(loaded)
        let files = (0..<1000).compactMap { number -> JudgedFile? in
            let document = mutation.mutant(of: seeds[number % seeds.count])
            let faults =
                Overlay.isOverlay(document) ? Self.faults(ofOverlay: document, on: base) : Self.faults(of: document)
            return JudgedFile(name: "seed \(seed), mutant \(number)", documents: [document], faults: faults)
        }
        #expect(files.count { $0.faults.isEmpty } > 100)
        #expect(files.count { !$0.visible(.text).isEmpty } > 300)
        try Self.expectAgreement(files)
    }

    @Test("Every kind of fault that is said to be out of a schema's reach is met, and passes the schema")
    func blindSpotsAreNeeded() throws {
        let files = Self.corpus.filter { !$0.faults.isEmpty && $0.visible(.text).isEmpty }
        let verdicts = try SchemaValidator.verdicts(on: files.flatMap { $0.documents.map(SchemaReading.text.instance) })
        var index = 0
        var met: Set<String> = []
        for file in files {
            let isAccepted = verdicts[index..<(index + file.documents.count)].allSatisfy { $0 == nil }
            index += file.documents.count
            guard isAccepted else { continue }
            met.formUnion(SchemaBlindSpot.all.filter { spot in file.faults.contains { spot.covers($0) } }.map(\.name))
        }
        #expect(Set(SchemaBlindSpot.all.map(\.name)).subtracting(met) == [])
    }

    @Test("The schema's own examples pass it, and so does what an editor makes of numbers; shares beyond 100 do not")
    func typedNumbers() throws {
        let text = try EndpointSchema.text()
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        let examples = definitions.values.flatMap { $0["examples"] as? [Any] ?? [] }
        #expect(examples.count == 2)
        let shares = ["33.33", "100", "0.01", "100.5", "-1", "true"].map { share in
            let text = document(variants: "    - { name: a, model: m/1, traffic: \(share) }\n")
            return YAMLReader.read(SourceText(file: "x", text: text)).documents.map(SchemaReading.typed.instance)
        }
        let verdicts = try SchemaValidator.verdicts(on: examples + shares.flatMap(\.self))
        #expect(verdicts.map { $0 == nil } == [true, true, true, true, true, false, false, false])
    }

    private static func expectAgreement(_ files: [JudgedFile]) throws {
        let pairs = files.flatMap { file in SchemaReading.allCases.map { (file: file, reading: $0) } }
        let verdicts = try SchemaValidator.verdicts(
            on: pairs.flatMap { pair in pair.file.documents.map { pair.reading.instance($0) } })
        var index = 0
        for (file, reading) in pairs {
            let told = verdicts[index..<(index + file.documents.count)].compactMap(\.self)
            index += file.documents.count
            if file.faults.isEmpty {
                #expect(told == [], "\(file.name), \(reading): the schema is too strict")
            } else if let fault = file.visible(reading).first {
                #expect(!told.isEmpty, "\(file.name), \(reading): the schema lets pass: \(fault)")
            }
        }
    }

    private static func faults(of document: YAMLNode) -> [Diagnostic] {
        let source = SourceText(file: "mutant.yaml", text: "")
        var decoder = DocumentDecoder(log: FaultLog(source: source), environment: "test")
        _ = decoder.decode(document)
        return decoder.log.diagnostics.filter { $0.severity == .error }
    }

    /// The endpoint that mutated overlays are laid over, as another file than theirs.
    private static func overlaidBase() throws -> YAMLNode? {
        let text = try String(
            contentsOf: Corpus.directory.appendingPathComponent("overlays/changes_values/fraud.yaml"), encoding: .utf8)
        return YAMLReader.read(SourceText(file: "base.yaml", text: text), index: 1).documents.first
    }

    private static func faults(ofOverlay document: YAMLNode, on base: YAMLNode) -> [Diagnostic] {
        let source = SourceText(file: "mutant.yaml", text: "")
        let log = FaultLog(source: source, others: [SourceText(file: "base.yaml", text: "")])
        var head = DocumentDecoder(log: log, environment: "test")
        guard head.overlayName(document) != nil else { return head.log.diagnostics }
        var merge = OverlayMerge(log: head.log)
        let merged = merge.merged(base, document)
        var decoder = DocumentDecoder(log: merge.log, environment: "test")
        _ = decoder.decode(merged)
        let faults = decoder.log.diagnostics.filter { $0.severity == .error }
        // What is wrong in the endpoint's own file after the merge is out of sight of the overlay's schema.
        return faults.contains { $0.file == "mutant.yaml" }
            ? faults.filter { $0.file == "mutant.yaml" } : faults.map { _ in Self.outOfSight }
    }

    private static let outOfSight = Diagnostic(
        file: "base.yaml", line: 1, column: 1, severity: .error, code: .unknownVariant, message: "", expected: nil,
        suggestion: nil, excerpt: "")
}
