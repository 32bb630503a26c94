import Foundation
import Resources
import Testing

@Suite struct NameTests {
    @Test("An endpoint's name is a DNS label that no dialect owns") func endpointNames() {
        for text in ["a", "fraud", "fraud-2", "0", String(repeating: "a", count: 63), "v3", "no"] {
            #expect(EndpointName(rawValue: text) != nil, "\(text)")
        }
        for text in [
            "", "-a", "a-", "A", "a_b", "a.b", "a b", "é", "v1", "v2", "endpoints", String(repeating: "a", count: 64),
            "a/b", "a\n",
        ] {
            #expect(EndpointName(rawValue: text) == nil, "\(text)")
        }
    }

    @Test("A model's name may hold blanks and any script, but none of the separators") func modelNames() {
        for text in ["fraud", "Fraud Model (EU)", "модель", "a.b", "a_b", String(repeating: "x", count: 255)] {
            #expect(ModelName(rawValue: text) != nil, "\(text)")
        }
        for text in ["", " a", "a ", "a/b", "a:b", "a@b", "a\u{7}", "a\u{7f}b", String(repeating: "x", count: 256)] {
            #expect(ModelName(rawValue: text) == nil, "\(text)")
        }
    }

    @Test("An alias is not latest and not v followed by digits") func aliasNames() {
        for text in ["champion", "Challenger_2", "v", "v1a", "1", "late-st"] {
            #expect(AliasName(rawValue: text) != nil, "\(text)")
        }
        for text in ["", "latest", "LATEST", "v1", "V22", "a b", "a.b", "é"] {
            #expect(AliasName(rawValue: text) == nil, "\(text)")
        }
    }

    @Test("A wrong name says what was expected, also from JSON") func messages() throws {
        #expect(throws: TurnoutError.self) { try VariantName(validating: "Nope") }
        do {
            _ = try VariantName(validating: "Nope")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains("lower-case letters"))
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([VariantName].self, from: Data("[\"Nope\"]".utf8))
        }
        let keyed = [try VariantName(validating: "a"): 1]
        #expect(String(decoding: try JSONEncoder().encode(keyed), as: UTF8.self) == "{\"a\":1}")
    }

    @Test(
        "A host is a DNS name, an IPv4 address or *",
        arguments: ["a", "a.example.com", "10.0.0.1", "*", "under_score.internal", "A.b"])
    func hosts(_ text: String) { #expect(HostName.isValid(text)) }

    @Test(
        "A host has no port, scheme or path",
        arguments: ["", "*.a", "a:80", "http://a", "a/", "a..b", ".a", "a.", "-a", "a-", "ä.example", "a b"])
    func notHosts(_ text: String) { #expect(!HostName.isValid(text)) }
}
