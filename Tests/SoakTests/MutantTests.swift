import Foundation
import SoakHistory
import Testing

@testable import SoakChecks

@Suite("The mutants that the fault harness must catch")
struct MutantTests {
    static let patches = Result {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "patch" }
    }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Mutants")
    private static let repository = folder.appending(path: "../../..")

    @Test("each patch applies to the sources as they are, and names invariants and faults that there are")
    func inStep() throws {
        let patches = try Self.patches.get()
        #expect(patches.count >= 8)
        let invariants = RunRecord(history: History([]), facts: RegistryFacts()).findings().map(\.number)
        for patch in patches {
            let text = try String(contentsOf: patch, encoding: .utf8)
            #expect(Self.said(text, "invariants").allSatisfy { invariants.contains(Int($0) ?? 0) })
            #expect(!Self.said(text, "invariants").isEmpty)
            #expect(Self.said(text, "faults").allSatisfy { FaultKind(rawValue: String($0)) != nil })
            for hunk in Self.hunks(text) {
                let source = try String(contentsOf: Self.repository.appending(path: hunk.file), encoding: .utf8)
                #expect(source.contains(hunk.before), "\(patch.lastPathComponent) finds no such lines in \(hunk.file)")
            }
        }
    }

    /// `invariants: 9 11` gives both numbers.
    private static func said(_ patch: String, _ field: String) -> [Substring] {
        let line = patch.split(separator: "\n").first { $0.hasPrefix("\(field): ") }
        return line?.split(separator: " ").dropFirst().map(\.self) ?? []
    }

    /// The lines that each change is made to, with those around it.
    private static func hunks(_ patch: String) -> [(file: String, before: String)] {
        var hunks: [(file: String, before: String)] = []
        var file = ""
        for line in patch.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("+++ b/") {
                file = String(line.dropFirst(6))
            } else if line.hasPrefix("@@") {
                hunks.append((file, ""))
            } else if !hunks.isEmpty, line.hasPrefix(" ") || line.hasPrefix("-") && !line.hasPrefix("--- a/") {
                hunks[hunks.count - 1].before += line.dropFirst() + "\n"
            }
        }
        return hunks
    }
}
