import ServerApp
import Testing

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
        ])
    func badValue(_ flag: String, _ value: String) {
        let fault = #expect(throws: ConfigurationFault.self) {
            try DevConfiguration(Settings(flags: [flag: value], environment: [:]), directory: nil)
        }
        #expect(fault?.key.hasPrefix("--\(flag) (TURNOUT_") == true)
        #expect(fault?.message.contains("expected") == true)
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
