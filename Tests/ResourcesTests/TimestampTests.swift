import Foundation
import Resources
import Testing

@Suite struct TimestampTests {
    /// Computed with CPython's `datetime`.
    @Test(
        "A moment is read from RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-11-01T10:00Z", 1_793_527_200_000_000),
            ("2026-11-01T10:00:00.5+01:00", 1_793_523_600_500_000), ("2026-11-01", 1_793_491_200_000_000),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000_000), ("2000-02-29T00:00:00-23:59", 951_868_740_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("2026-11-01t10:00:00z", 1_793_527_200_000_000), ("2026-11-01 10:00:00.123456789Z", 1_793_527_200_123_456),
        ])
    func parses(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(parsing: text)?.microseconds == microseconds)
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "1900-02-29", "2026-04-31", "2026-11-01T10:00",
            "2026-11-01T10",
            "2026-11-01T24:00Z", "2026-11-01T10:60Z", "2026-11-01T10:00:60Z", "2026-11-01T10:00:00.Z",
            "2026-11-01T10:00Zx",
            "2026-11-01T10:00+1:00", "2026-11-01T10:00+24:00", "26-11-01", "2026-1-01", "+2026-11-01", "２０26-11-01",
            "yesterday",
        ])
    func refuses(_ text: String) { #expect(Timestamp(parsing: text) == nil) }

    @Test(
        "A moment survives its text and JSON, over ten thousand years",
        arguments: [
            -62_135_596_800_000_000, -1, 0, 1, 951_782_399_999_999, 1_793_527_200_123_456, 253_402_300_799_999_999,
        ] as [Int64])
    func roundTrip(_ microseconds: Int64) throws {
        let moment = Timestamp(microseconds: microseconds)
        #expect(Timestamp(parsing: moment.description) == moment)
        #expect(try JSONDecoder().decode([Timestamp].self, from: JSONEncoder().encode([moment])) == [moment])
    }

    @Test(
        "Every day around a turn of the century has one text, and the texts are in order",
        arguments: [
            -26_300, 10_200, 46_700,
        ] as [Int64])
    func days(_ middle: Int64) {
        var previous = ""
        for day in (middle - 1500)...(middle + 1500) {
            let moment = Timestamp(microseconds: day * 86_400_000_000)
            let text = moment.description
            if Timestamp(parsing: text) != moment || text <= previous || !text.hasSuffix("T00:00:00.000000Z") {
                Issue.record("day \(day) is \(text), after \(previous)")
                return
            }
            previous = text
        }
    }
}
