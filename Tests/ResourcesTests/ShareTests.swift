import Foundation
import Resources
import Testing

@Suite struct ShareTests {
    @Test("Each of the 10,001 shares survives its text, with and without %, and its JSON number") func exact() throws {
        let shares = try (0...10_000).map { try #require(Share(buckets: $0)) }
        for share in shares {
            #expect(Share(parsing: share.description) == share)
            #expect(Share(parsing: share.description + "%") == share)
        }
        #expect(try JSONDecoder().decode([Share].self, from: JSONEncoder().encode(shares)) == shares)
        let data = try JSONEncoder().encode(shares)
        let numbers = try #require(try JSONSerialization.jsonObject(with: data) as? [Double])
        #expect(numbers == shares.map { Double($0.buckets) / 100 })
    }

    @Test(
        "A share's text has no trailing zeros",
        arguments: [(0, "0"), (1, "0.01"), (10, "0.1"), (1250, "12.5"), (9999, "99.99"), (10_000, "100")])
    func text(_ buckets: Int, _ text: String) {
        #expect(Share(buckets: buckets)?.description == text)
    }

    @Test(
        "A share is read exactly from its digits",
        arguments: [("33.33", 3333), ("0.10", 10), ("100.00%", 10_000), ("12.500", 1250), ("7", 700)])
    func parses(_ text: String, _ buckets: Int) {
        #expect(Share(parsing: text)?.buckets == buckets)
    }

    @Test(
        "What is no percentage in steps of 0.01 is no share",
        arguments: [
            "", "%", "-1", "+1", "100.01", "101", "1000", "0.001", "1e1", "0x1", ".5", "5.", "1,5", " 5", "5 ", "5%%",
            "１０", "٣", "1.2.3", "nan",
        ])
    func refuses(_ text: String) { #expect(Share(parsing: text) == nil) }

    @Test("A JSON number that is no share is refused", arguments: ["-1", "100.01", "0.001", "\"10\"", "null"])
    func refusesJSON(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Share].self, from: Data("[\(text)]".utf8)) }
    }

    @Test("Buckets beyond the ends are no share") func range() {
        #expect(Share(buckets: -1) == nil)
        #expect(Share(buckets: 10_001) == nil)
        #expect(Share.text(ofBuckets: 10_350) == "103.5")
    }
}
