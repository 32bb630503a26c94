extension BannedCall {
    /// The list; each with its reason and with what to use instead.
    static let all: [BannedCall] = [
        BannedCall(
            name: "try!", pattern: #"\btry!"#, folders: ["Sources", "Tests"],
            reason: "A fault must not end the process: throw, or prove it away with a total function.",
            example: "let a = try! b()"),
        BannedCall(
            name: "as!", pattern: #"\bas!"#, folders: ["Sources", "Tests"],
            reason: "A wrong guess must not end the process: use as? and say what was expected.",
            example: "let a = b as! C"),
        BannedCall(
            name: "print outside Commands", pattern: #"(?<![.\w])print\("#, except: ["Sources/Commands/"],
            reason: "Servers log through the Logger that they are handed; only the command line prints.",
            example: "print(1)"),
        BannedCall(
            name: "unstructured task",
            pattern: #"(?<![.\w])Task(\.detached|\.immediate)?(<[^>\n]*>)?\s*(\([^)\n]*\)\s*)?\{"#,
            except: ["Sources/ServerApp/"],
            reason: "Long work is a Service, child of one group, so that shutdown reaches all of it: use a task group.",
            example: "Task { await a() }"),
        BannedCall(
            name: "sleep in a test", pattern: #"\b(Task\.sleep|usleep|nanosleep|sleep)\("#, folders: ["Tests"],
            reason:
                "A sleep is too short on a busy machine and too long on any other: wait for a condition, with a deadline.",
            example: "try await Task.sleep(for: .seconds(1))"),
        BannedCall(
            name: "environment read", pattern: #"\b(secure_)?getenv\(|processInfo\.environment|\benviron\b"#,
            except: ["Sources/ServerApp/", "Sources/Commands/", "Sources/TestSupport/"],
            reason:
                "Configuration is read in one place and passed in, so that a bad value is named before a port is bound.",
            example: #"let a = getenv("A")"#),
        BannedCall(
            name: "SQL outside RegistryStore",
            pattern: #"\b(SELECT\s[\s\S]{0,400}?\sFROM\s|INSERT\s+INTO\s|DELETE\s+FROM\s|UPDATE\s+\w+\s+SET\s)"#,
            part: .strings,
            except: [
                "Sources/RegistryStore/", "Sources/Postgres/", "Sources/TestSupport/",
                // The fault harness looks at the registry past the product's own queries.
                "Sources/soak/", "Sources/SoakChecks/",
                // The text of Migrations/ as it is compiled in.
                "Sources/ServerApp/EmbeddedMigrations.swift",
            ],
            reason:
                "All SQL of the domain is in one module, one file a noun, where it is reviewed and its plans are tested.",
            example: #"let a = "SELECT name FROM model ""#),
        BannedCall(
            name: "public declaration", pattern: #"(?m)^[ \t]*(@\w+[ \t]+)?public[ \t]+(?!import\b)"#,
            reason: "Nothing outside this package builds on it: `package` across targets, `internal` within one.",
            example: "public struct A {}"),
        BannedCall(
            name: "singleton",
            pattern: #"\bstatic\s+(let|var)\s+(shared|instance|default)\b\s*(=|:\s*\w+\s*=)\s*[A-Z]\w*\("#,
            reason: "Hidden globals make tests share state: pass the value in.",
            example: "static let shared = Registry()"),
        BannedCall(
            name: "clock or chance in a pure module",
            pattern:
                #"\bDate\(|\bDate\.now|ContinuousClock|SuspendingClock|clock_gettime|\.random\(|RandomNumberGenerator\(\)"#,
            folders: ["Sources/Planning", "Sources/Splitting", "Sources/Resources", "Sources/EndpointFiles"],
            reason:
                "The same input gives the same plan, split and diagnostics: take `now` and randomness as arguments.",
            example: "let now = Date()"),
        BannedCall(
            name: "XCTest", pattern: #"\bimport\s+XCTest\b"#, folders: ["Sources", "Tests"],
            reason: "One test framework: Swift Testing, whose test names are sentences.",
            example: "import XCTest"),
        BannedCall(
            name: "unfinished mark", pattern: #"\b(TODO|FIXME|XXX|HACK)\b"#, part: .comments,
            folders: ["Sources", "Tests"],
            reason: "What is not done is left out and named in an issue; a mark in the code is read by nobody.",
            example: "// TODO: later"),
    ]
}
