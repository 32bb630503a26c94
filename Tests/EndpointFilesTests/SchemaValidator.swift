import Foundation
import Testing

@testable import EndpointFiles

/// A document as a JSON Schema sees it.
enum SchemaReading: CaseIterable {
    /// Every scalar a text, as Turnout reads it.
    case text
    /// Scalars typed by YAML 1.2's core schema, as editors do.
    case typed

    func instance(_ node: YAMLNode) -> Any {
        switch node.content {
        case .scalar(let text, let style):
            if node.isNull { return NSNull() }
            return self == .typed && style == .plain && node.tag == nil ? Self.core(text) : text
        case .sequence(let items): return items.map(instance)
        case .mapping(let entries):
            // A key that is no word can't be one that the schema knows.
            let pairs = entries.map { ($0.key.text ?? "not a word", instance($0.value)) }
            return Dictionary(pairs, uniquingKeysWith: { _, last in last })
        }
    }

    static func core(_ text: String) -> Any {
        if ["true", "True", "TRUE"].contains(text) { return true }
        if ["false", "False", "FALSE"].contains(text) { return false }
        return number(text) ?? text
    }

    static func number(_ text: String) -> Any? {
        if text.wholeMatch(of: /[-+]?[0-9]+/) != nil { return Int(text).map { $0 as Any } ?? Double(text) }
        if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return value }
        if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) { return value }
        if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil {
            guard let value = Double(text.replacing(/\.(?=$|[eE])/, with: ".0")), value.isFinite else { return 1e308 }
            return value
        }
        if text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)/) != nil { return text.hasPrefix("-") ? -1e308 : 1e308 }
        return nil
    }
}

/// Runs `check_schema.py` on the schema that `turnout schema` prints.
enum SchemaValidator {
    /// - Returns: For each instance `nil` if it is valid, else the first fault.
    static func verdicts(on instances: [Any]) throws -> [String?] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let schema = folder.appendingPathComponent("schema.json")
        try EndpointSchema.text().write(to: schema, atomically: true, encoding: .utf8)
        var lines = Data()
        for instance in instances {
            lines += try JSONSerialization.data(withJSONObject: instance, options: .fragmentsAllowed) + Data("\n".utf8)
        }
        let documents = folder.appendingPathComponent("documents")
        try lines.write(to: documents)
        let verdicts = folder.appendingPathComponent("verdicts")
        let script = Corpus.directory.deletingLastPathComponent().appendingPathComponent("check_schema.py").path
        let found = try pythonWithValidator()
        let python = try #require(found, "no Python with jsonschema: run .ci/setup schema")
        let exit = try run(python, ["-B", script, schema.path, documents.path, verdicts.path])
        try #require(exit == 0)
        let text = try String(contentsOf: verdicts, encoding: .utf8)
        let told = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        try #require(told.count == instances.count)
        return told.map { $0.isEmpty ? nil : $0 }
    }

    private static func pythonWithValidator() throws -> [String]? {
        let candidates = [["/usr/bin/python3"], ["/usr/bin/env", "python3"]]
        return try candidates.first {
            try run($0, ["-c", "from jsonschema import Draft202012Validator"], isQuiet: true) == 0
        }
    }

    private static func run(_ command: [String], _ arguments: [String], isQuiet: Bool = false) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = command.dropFirst() + arguments
        process.standardInput = FileHandle.nullDevice
        if isQuiet { process.standardError = FileHandle.nullDevice }
        do { try process.run() } catch { return 127 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
