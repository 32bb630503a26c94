import Foundation
import TestSupport
import Testing

/// Files made to exhaust a parser, given to the program itself while the kernel lets it have little memory.
@Suite("Hostile endpoint files")
struct HostileFileTests {
    private struct Hostile {
        let name: String
        let bytes: Data
        /// What the first fault says, and where.
        let told: String

        init(_ name: String, _ text: String, told: String) { self.init(name, Data(text.utf8), told: told) }

        init(_ name: String, _ bytes: Data, told: String) {
            self.name = name
            self.bytes = bytes
            self.told = told
        }
    }

    private static let head = """
        apiVersion: turnout/v1
        kind: Endpoint
        metadata: { name: fraud }
        spec:
          backends: ["http://a:1"]
          variants: [{ name: champion, model: fraud/12, traffic: 100 }]

        """

    private static func bomb(end: String) -> String {
        var text = "a0: &a0 [x]\n"
        for level in 1...12 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }
        return text + end
    }

    private static let files: [Hostile] = [
        Hostile("aliases of aliases", bomb(end: ""), told: ":1:5: error: the file holds more than 50000 values"),
        Hostile(
            "aliases of aliases as a key", bomb(end: "? *a12\n: x\n"),
            told: ":14:1: error: a key that is a list, a mapping or an alias"),
        Hostile(
            "a scalar of 100 MB", Data((head + "  salt: \"").utf8) + Data(repeating: 0x78, count: 100 << 20),
            told: ":1:1: error: this file is larger than 1 MiB"),
        Hostile(
            "lists 10,000 deep", String(repeating: "[", count: 10_000),
            told: "error: values are nested more than 32 levels deep"),
        Hostile(
            "mappings 10,000 deep", String(repeating: "{a: ", count: 10_000),
            told: "error: values are nested more than 32 levels deep"),
        Hostile(
            "block lists 10,000 deep", String(repeating: "- ", count: 10_000),
            told: "error: values are nested more than 32 levels deep"),
        Hostile("a merge key's cycle", "kind: &a\n  <<: *a\n", told: ":2:7: error: not YAML: found undefined alias"),
        Hostile(
            "a merge key", head + "  <<: { timeout: 1s }\n", told: ":7:3: error: merge keys ('<<') are not supported"),
        Hostile(
            "what is not UTF-8", Data((head + "  salt: \"").utf8) + Data([0xc3, 0x28, 0x22, 0x0a]),
            told: ":7:10: error: not UTF-8: the byte 0xc3"),
        Hostile(
            "a key twice", head + "  timeout: 1s\n  timeout: 2s\n",
            told: ":8:3: error: the key 'timeout' is given twice; first on line 7"),
        Hostile(
            "YAML 1.1's Boolean", head + "  retry: { attempts: yes }\n", told: ":7:22: error: 'attempts' can't be 'yes'"
        ),
        Hostile(
            "YAML 1.1's octal", head + "  retry: { attempts: 010 }\n", told: ":7:22: error: 'attempts' can't be '010'"),
        Hostile(
            "30,000 anchors", (0..<30_000).map { "a\($0): &x\($0) 1\n" }.joined(),
            told: ":25000:9: error: the file holds more than 50000 values"),
    ]

    @Test("Each is refused with its spot, in less than 100 MB", arguments: files.indices) func refused(_ index: Int)
        async throws
    {
        let hostile = Self.files[index]
        try await Scratch.with { scratch in
            let file = scratch.file("hostile.yaml")
            try hostile.bytes.write(to: file)
            let (exit, output) = try Self.validate(file.path, in: scratch)
            #expect(exit == 2, "\(hostile.name): \(output.prefix(300))")
            #expect(output.contains("hostile.yaml:") && output.contains(hostile.told), "\(output.prefix(300))")
        }
    }

    @Test("The limit is one: a program that takes 200 MB fails under it, and a good file passes") func limit()
        async throws
    {
        try await Scratch.with { scratch in
            let file = scratch.file("fine.yaml")
            try Data(Self.head.utf8).write(to: file)
            #expect(try Self.validate(file.path, in: scratch).exit == 0)
            let dd = ["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
            #expect(try Self.run(dd, output: scratch.file("dd")) == 1)
        }
    }

    private static func validate(_ file: String, in scratch: Scratch) throws -> (exit: Int32, output: String) {
        let output = scratch.file("output")
        let exit = try run([TurnoutProcess.executable().path, "validate", file], output: output)
        return (exit, try String(contentsOf: output, encoding: .utf8))
    }

    /// Runs a program with 100 MB at most of what it can write to: heap, stacks of threads, private mappings. One that
    /// waits for memory rather than failing is ended.
    private static func run(_ command: [String], output: URL) throws -> Int32 {
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "ulimit -c 0; ulimit -d 100000 && exec timeout 120 \"$@\"", "sh"] + command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
