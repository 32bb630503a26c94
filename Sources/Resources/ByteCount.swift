/// An amount of memory as options write it: `512MiB`, `2GiB`, or plain bytes.
package struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 0 or more, below 2^53 so that every JSON reader keeps it.
    package let bytes: Int

    package init(bytes: Int) { self.bytes = max(0, bytes) }

    package static func mebibytes(_ value: Int) -> ByteCount { ByteCount(bytes: value << 20) }

    /// - Returns: `nil` unless the text is a whole number with one of the units `KiB MiB GiB TiB`, or none for bytes.
    package init?(parsing text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int(digits),
            let size = unit.isEmpty ? 1 : Self.units.first(where: { $0.name == unit })?.bytes
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes < 1 << 53 else { return nil }
        self.init(bytes: bytes)
    }

    package var description: String {
        for unit in Self.units where bytes >= unit.bytes && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)"
    }

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    private static let units: [(name: Substring, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]
}
