import Foundation
import Resources
import Testing

@Suite struct BackendTests {
    @Test(
        "A backend is a host and a port, 80 unless given",
        arguments: [
            ("http://a:8080", "a", 8080), ("http://A.Internal", "a.internal", 80),
            ("http://10.0.0.1:1/", "10.0.0.1", 1),
            ("http://[::1]:65535", "::1", 65535), ("http://[2001:DB8::1]", "2001:db8::1", 80),
            ("http://[1:2:3:4:5:6:7:8]", "1:2:3:4:5:6:7:8", 80), ("http://[::]:1", "::", 1),
        ])
    func parses(_ text: String, _ host: String, _ port: UInt16) throws {
        let backend = try Backend(parsing: text)
        #expect(backend == Backend(host: host, port: port))
        #expect(try JSONDecoder().decode([Backend].self, from: JSONEncoder().encode([backend])) == [backend])
    }

    @Test(
        "What is no plain HTTP address is refused",
        arguments: [
            "", "a", "a:80", "https://a", "ftp://a", "http://", "http://:80", "http://a:", "http://a:0",
            "http://a:65536", "http://a:8x",
            "http://a/b", "http://a:80/b", "http://u@a", "http://a b", "http://[::1", "http://[1:2:3:4:5:6:7]",
            "http://[1:2:3:4:5:6:7:8:9]", "http://[::1::2]", "http://[12345::]", "http://[:1:2]", "http://[:::]",
            "http://[::1]80", "http://::1",
            "http://a:80:81", "http://[]:80",
            "http://[a]:80", "http://{version}", "http://a?x", "http://a#x", "http://é",
        ])
    func refuses(_ text: String) { #expect(throws: TurnoutError.self) { try Backend(parsing: text) } }

    private static func expand(_ text: String, environment: String? = nil) throws -> String {
        try BackendTemplate(parsing: text).expanded(
            variant: VariantName(validating: "champion"),
            version: VersionReference(model: ModelName(validating: "fraud"), version: 12), environment: environment
        ).description
    }

    @Test("Placeholders expand, each as often as it stands there") func expands() throws {
        #expect(
            try Self.expand("http://{model}-v{version}-{variant}.{model}:80{version}")
                == "http://fraud-v12-champion.fraud:8012")
        #expect(try Self.expand("http://a.{env}", environment: "production") == "http://a.production:80")
        #expect(throws: TurnoutError.self) { try Self.expand("http://a.{env}") }
        #expect(throws: TurnoutError.self) { try Self.expand("http://a.{env}", environment: "not a host") }
    }

    @Test(
        "Unknown, empty and unbalanced placeholders are refused",
        arguments: ["http://{nope}", "http://{}", "http://{version", "http://version}", "http://{{version}}"])
    func refusesTemplates(_ text: String) { #expect(throws: TurnoutError.self) { try BackendTemplate(parsing: text) } }

    @Test("A template survives JSON as its text") func json() throws {
        let template = try BackendTemplate(parsing: "http://a-{version}")
        #expect(try JSONDecoder().decode([BackendTemplate].self, from: JSONEncoder().encode([template])) == [template])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([BackendTemplate].self, from: Data("[\"http://{x}\"]".utf8))
        }
    }
}
