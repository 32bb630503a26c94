import EndpointFiles
import Foundation
import Resources
import Testing

/// Each of these cost, or could cost, a naive reader gigabytes or minutes. The whole suite runs under a limit of memory.
@Suite(.serialized) struct HostileFileTests {
    private static func codes(_ text: String) -> [DiagnosticCode] {
        EndpointFiles.parse(text: text, file: "hostile.yaml").diagnostics.map(\.code)
    }

    /// How much memory `body` takes at its peak beyond what the process held before, in bytes; `nil` where the kernel
    /// doesn't let the peak be reset.
    private static func peakMemory(of body: () -> Void) throws -> Int? {
        guard let reset = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return nil }
        do {
            try reset.write(contentsOf: Data("5".utf8))
            try reset.close()
        } catch {
            return nil
        }
        let before = try memory("VmRSS:")
        body()
        return try memory("VmHWM:") - before
    }

    private static func memory(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(field) })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? "")) * 1024
    }

    private static func bomb(levels: Int, width: Int, end: String) -> String {
        var text = "a0: &a0 [x]\n"
        for level in 1...levels {
            let items = Array(repeating: "*a\(level - 1)", count: width).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        return text + end
    }

    private static let cases: [(name: String, text: String, code: DiagnosticCode)] = [
        ("aliases of aliases", bomb(levels: 12, width: 9, end: ""), .tooManyNodes),
        ("aliases of aliases as a key", bomb(levels: 12, width: 9, end: "? *a12\n: x\n"), .unsupportedYAML),
        ("aliases of aliases as an implicit key", bomb(levels: 12, width: 9, end: "*a12 : x\n"), .unsupportedYAML),
        ("aliases in a list as a key", bomb(levels: 12, width: 9, end: "[*a12]: x\n"), .unsupportedYAML),
        (
            "a bomb behind text that looks like a comment",
            bomb(levels: 12, width: 9, end: "x: [\"\n # \", *a12, {*a12 : 1}]\n"), .unsupportedYAML
        ),
        ("an alias within its own anchor", "a: &a [*a]\n", .invalidYAML),
        ("lists 10,000 deep", String(repeating: "[", count: 10_000), .tooDeep),
        ("mappings 10,000 deep", String(repeating: "{a: ", count: 10_000), .tooDeep),
        (
            "block lists 10,000 deep", String(repeating: "- ", count: 10_000), .tooDeep
        ),
        ("lists 40 deep", "a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40), .tooDeep),
        (
            "keys that are keys", String(repeating: "{", count: 900) + String(repeating: "}: x", count: 900),
            .unsupportedYAML
        ),
        ("explicit keys of keys", String(repeating: "? ", count: 900) + "x\n", .unsupportedYAML),
        ("a text just over the limit", "a: " + String(repeating: "x", count: 1 << 20), .fileTooLarge),
        ("a million empty documents", String(repeating: "---\n", count: 260_000), .tooManyNodes),
        ("half a million list items", "a: [" + String(repeating: "1,", count: 500_000) + "]", .tooManyNodes),
        ("60,000 list items", "a: [" + String(repeating: "1,", count: 60_000) + "]", .tooManyNodes),
        ("colons without end", String(repeating: ":", count: 1_000_000), .tooManyNodes),
        (
            "the same key 1,000 times", String(repeating: "apiVersion: turnout/v1\n", count: 1000), .duplicateKey
        ),
        ("a merge key that merges itself", "kind: &a\n  <<: *a\n", .invalidYAML),
        ("a tag of another language", "kind: !!python/object/apply:os.system [ls]\n", .unsupportedYAML),
        (
            "many variants, each with many backends, over and over",
            (0..<2).map { number in
                let hosts = (0..<128).map { "http://{variant}-\($0)" }.joined(separator: ", ")
                let arms = (0..<450).map { "    - { name: v\($0), model: m/1, traffic: 0 }\n" }.joined()
                return document(name: "e\(number)", spec: "  overrides: []\n", variants: arms)
                    .replacing(
                        "\"http://fraud-v{version}.internal:8080\"",
                        with: "\"" + hosts.replacing(", ", with: "\", \"") + "\"")
            }.joined(separator: "---\n"), .trafficSum
        ),
        (
            "many overrides that name none of many variants",
            document(
                spec: "  overrides:\n"
                    + (0..<1000).map { "    - { when: { header: { x: h\($0) } }, use: nobody }\n" }.joined(),
                variants: (0..<1000).map { "    - { name: v\($0), model: m/1, traffic: 0.1 }\n" }.joined()),
            .unknownVariant
        ),
        ("a NUL", "kind: a\0b\n", .invalidYAML),
    ]

    @Test("Hostile YAML is refused with the right code", arguments: cases.indices) func refused(_ index: Int) throws {
        let hostile = Self.cases[index]
        #expect(
            Self.codes(hostile.text).contains(hostile.code), "\(hostile.name): \(Self.codes(hostile.text).prefix(3))")
    }

    /// Other tests share the process, so the least of a few measurements counts.
    @Test("Refusing a hostile file takes less than 100 MB", arguments: cases.indices) func memory(_ index: Int) throws {
        var least = Int.max
        for _ in 0..<5 where least >= 100 << 20 {
            let peak = try Self.peakMemory { _ = Self.codes(Self.cases[index].text) }
            guard let peak else { return }
            least = min(least, peak)
        }
        #expect(least < 100 << 20, "\(Self.cases[index].name): \(least >> 20) MiB")
    }

    @Test("A thousand faults in a file give a hundred messages") func manyFaults() {
        let spec = (0..<1000).map { "  unknown\($0): 1\n" }.joined()
        let diagnostics = EndpointFiles.parse(text: document(spec: spec), file: "x.yaml").diagnostics
        #expect(diagnostics.count == 100)
        #expect(diagnostics.contains { $0.code == .tooManyFaults })
    }

    @Test("Every prefix and every single-byte change of a good file is read without a crash") func mutations() throws {
        let bytes = Array(try Corpus.text(.good, "full.yaml").utf8)
        var generator = SeededGenerator(seed: 1)
        for length in stride(from: 0, to: bytes.count, by: 3) {
            _ = EndpointFiles.parse(text: String(decoding: bytes.prefix(length), as: UTF8.self), file: "x")
        }
        let interesting = Array("*&!?:-,[]{}'\"|>%@`#\n\t \\<~0aé".utf8)
        for _ in 0..<2000 {
            var mutant = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: mutant.indices, using: &generator)
                mutant[index] = interesting.randomElement(using: &generator) ?? 0
            }
            let result = EndpointFiles.parse(text: String(decoding: mutant, as: UTF8.self), file: "x", environment: "e")
            for loaded in result.endpoints { try loaded.endpoint.validate() }
        }
    }
}
