import Proxy
import Resources
import TestSupport
import Testing

@testable import ServerApp

@Suite("Settings")
struct SettingsTests {
    @Test("A flag wins over a variable, and that over the default")
    func precedence() throws {
        let variables = ["TURNOUT_DATABASE_URL": "postgres://db", "TURNOUT_CONTROL": "127.0.0.1:1111"]
        let both = Settings(flags: ["control": "127.0.0.1:2222"], environment: variables)
        #expect(try ServerConfiguration(both).control.port == 2222)
        #expect(try ServerConfiguration(Settings(environment: variables)).control.port == 1111)
        let url = ["TURNOUT_DATABASE_URL": "postgres://db"]
        #expect(try ServerConfiguration(Settings(environment: url)).control.description == "127.0.0.1:8700")
    }

    @Test(
        "A value that can't be used names its key",
        arguments: [
            ("control", "nowhere"), ("control", "127.0.0.1:70000"), ("proxy", "some-name:80"), ("admin", ":80"),
            ("threads", "0"), ("threads", "many"),
            ("slow-request", "100"), ("slow-request", "soon"), ("access-log-sample", "1.01"),
            ("access-log-sample", "-0.1"),
            ("access-log-sample", "nan"), ("access-log-sample", "1%"), ("access-log-rate", "0"),
            ("access-log-rate", "1000001"), ("access-log-rate", "0.5"),
            ("memory-limit", "31MiB"), ("memory-limit", "512MB"), ("memory-limit", "1.5GiB"), ("memory-limit", "0"),
        ])
    func badValue(_ flag: String, _ value: String) {
        let fault = #expect(throws: ConfigurationFault.self) {
            try DevConfiguration(Settings(flags: [flag: value], environment: [:]), directory: nil)
        }
        #expect(fault?.key.hasPrefix("--\(flag) (TURNOUT_") == true)
        #expect(fault?.message.contains("expected") == true)
    }

    @Test("What is slow and what is logged comes from flags or variables; without a file nothing is logged")
    func requestRecords() throws {
        let flags = ["slow-request": "1s500ms", "access-log": "-", "access-log-sample": "0.5"]
        let given = try RequestRecordSettings(
            Settings(flags: flags, environment: ["TURNOUT_ACCESS_LOG_RATE": "7", "TURNOUT_SLOW_REQUEST": "1s"]))
        #expect(given.slowRequest == .milliseconds(1500))
        #expect(given.accessLog?.path == "-" && given.accessLog?.sample == 0.5 && given.accessLog?.rate == 7)
        let none = try RequestRecordSettings(Settings(flags: ["access-log-sample": "1"], environment: [:]))
        #expect(none == RequestRecordSettings() && none.slowRequest == .milliseconds(100))
    }

    @Test("The memory limit is the one given, none if that is asked for, and else the control group's")
    func memoryLimit() throws {
        func limit(_ text: String?, ofControlGroup group: Int?) throws -> Int? {
            let settings = Settings(flags: ["memory-limit": text], environment: [:])
            return try MemoryLimitSetting(settings).limit(logger: TestDatabase.quietLogger) { group }
        }
        #expect(try limit("32MiB", ofControlGroup: 64 << 20) == 32 << 20)
        #expect(try limit("none", ofControlGroup: 64 << 20) == nil)
        #expect(try limit(nil, ofControlGroup: 64 << 20) == 64 << 20)
        #expect(try limit(nil, ofControlGroup: nil) == nil)
        // Too little to keep to.
        #expect(try limit(nil, ofControlGroup: 8 << 20) == nil)
        let variables = ["TURNOUT_MEMORY_LIMIT": "2GiB"]
        let proxy = try ProxyAppConfiguration(Settings(environment: variables), staticDirectory: nil)
        #expect(proxy.memoryLimit == .bytes(.mebibytes(2048)))
        #expect(try DevConfiguration(Settings(environment: variables), directory: nil).memoryLimit == proxy.memoryLimit)
    }

    @Test(
        "dev refuses to listen where others could reach it", arguments: ["0.0.0.0:8700", "10.0.0.1:8700", "[::]:8700"])
    func devStaysOnLoopback(_ address: String) {
        let fault = #expect(throws: ConfigurationFault.self) {
            try DevConfiguration(Settings(flags: ["control": address], environment: [:]), directory: nil)
        }
        #expect(fault?.key.contains("control") == true)
    }

    @Test(
        "Loopback is what only this machine reaches",
        arguments: [
            ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("localhost:1", true), ("[::1]:1", true),
            ("0.0.0.0:1", false), ("127.0.0.1.example.com:1", false), ("[::]:1", false), ("example.com:1", false),
        ])
    func loopback(_ text: String, _ isLoopback: Bool) throws {
        #expect(try #require(ListenAddress(parsing: text)).isLoopback == isLoopback)
    }

    @Test("A server without a database says how to name one")
    func noDatabase() {
        let fault = #expect(throws: ConfigurationFault.self) { try ServerConfiguration(Settings(environment: [:])) }
        #expect(fault?.key == "--database-url (TURNOUT_DATABASE_URL)")
    }
}
