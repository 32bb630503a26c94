import Foundation
import Resources
import Testing

@Suite struct IntervalTests {
    @Test(
        "An interval is read from its units",
        arguments: [
            ("250ms", 250), ("2s", 2000), ("10m", 600_000), ("1h", 3_600_000), ("1h30m", 5_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("0s", 0), ("90s", 90_000), ("007s", 7000),
        ])
    func parses(_ text: String, _ milliseconds: Int) {
        #expect(Interval(parsing: text)?.milliseconds == milliseconds)
    }

    @Test(
        "What has no unit, an unknown one or units out of order is no interval",
        arguments: [
            "", "5", "s", "5x", "5 s", " 5s", "1.5s", "-5s", "+5s", "5m1h", "1s1s", "1:30", "5S", "5sec", "٥s",
            "99999999999999999999s",
            "9223372036854775807d", "200000000d",
        ])
    func refuses(_ text: String) { #expect(Interval(parsing: text) == nil) }

    @Test(
        "An interval survives its text and JSON",
        arguments: [0, 1, 999, 1000, 1001, 60_000, 3_600_000, 86_399_999, 1 << 52])
    func roundTrip(_ milliseconds: Int) throws {
        let interval = Interval(milliseconds: milliseconds)
        #expect(Interval(parsing: interval.description) == interval)
        #expect(try JSONDecoder().decode([Interval].self, from: JSONEncoder().encode([interval])) == [interval])
    }
}
