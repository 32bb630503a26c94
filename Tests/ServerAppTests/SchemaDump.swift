import Foundation

/// `pg_dump --schema-only`, without what differs between releases of pg_dump.
enum SchemaDump {
    struct Failure: Error { let output: String }

    static func of(_ url: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try dump(url) }) }
        }
    }

    private static func dump(_ url: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "pg_dump", "--schema-only", "--no-owner", "--no-privileges", "--schema=public",
            "--exclude-table=schema_migration", url,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(output: output) }
        return normalized(output)
    }

    private static func normalized(_ dump: String) -> String {
        let noise = [
            "--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict", "CREATE SCHEMA public",
        ]
        var lines = ["-- What the migrations make, for reading and reviewing; written by .ci/dump-schema."]
        for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
            guard !noise.contains(where: line.hasPrefix) else { continue }
            if line.isEmpty, lines.last?.isEmpty == true { continue }
            lines.append(String(line))
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }
}
