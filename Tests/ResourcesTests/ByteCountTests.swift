import Resources
import Testing

@Suite struct ByteCountTests {
    @Test(
        "An amount of memory is read from its unit",
        arguments: [
            ("512MiB", 536_870_912), ("2GiB", 2_147_483_648), ("64KiB", 65_536), ("1TiB", 1_099_511_627_776), ("0", 0),
            ("1000", 1000), ("007MiB", 7_340_032),
        ])
    func parses(_ text: String, _ bytes: Int) { #expect(ByteCount(parsing: text)?.bytes == bytes) }

    @Test(
        "A fraction, a sign, a blank or another unit is no amount of memory",
        arguments: [
            "", "MiB", "1.5GiB", "-1", "+1", "5 MiB", " 5MiB", "5MB", "5M", "5mib", "5B", "1GiB1MiB", "٥MiB", "0x10",
            "99999999999999999999", "9007199254740992", "9223372036854775807TiB",
        ])
    func refuses(_ text: String) { #expect(ByteCount(parsing: text) == nil) }

    @Test("An amount survives its text, in the largest unit that it is whole in")
    func roundTrip() {
        for bytes in [0, 1, 1023, 1024, 1025, 3 << 20, 5 << 30, 7 << 40, (1 << 53) - 1] {
            #expect(ByteCount(parsing: ByteCount(bytes: bytes).description)?.bytes == bytes)
        }
        #expect(ByteCount.mebibytes(1536).description == "1536MiB")
        #expect(ByteCount.mebibytes(2048).description == "2GiB")
    }
}
