/// A cursor over the digits and separators of a timestamp.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Character) -> Bool {
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func number(digits: ClosedRange<Int>) -> Int64? {
        let start = position
        var value: Int64 = 0
        while position < bytes.count, position - start < digits.upperBound, let digit = digit(at: position) {
            value = value * 10 + digit
            position += 1
        }
        return digits.contains(position - start) ? value : nil
    }

    /// The microseconds of an optional `.123456`; digits beyond the sixth are cut off.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let start = position
        var value: Int64 = 0
        while let digit = digit(at: position) {
            if position - start < 6 { value = value * 10 + digit }
            position += 1
        }
        guard position > start else { return nil }
        for _ in 0..<max(0, 6 - (position - start)) { value *= 10 }
        return value
    }

    /// The seconds east of UTC of `Z`, `+02`, `+02:00` or `+02:00:00`.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64 = take("+") ? 1 : -1
        guard sign == 1 || take("-"), let hours = number(digits: 2...2), hours <= 23 else { return nil }
        var seconds = hours * 3600
        for unit: Int64 in [60, 1] where take(":") {
            guard let part = number(digits: 2...2), part <= 59 else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    private func digit(at index: Int) -> Int64? {
        guard index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
        return Int64(bytes[index] - UInt8(ascii: "0"))
    }
}
