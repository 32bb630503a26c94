import Splitting

/// Follows a chunked body byte by byte to its end, strictly: sizes in hexadecimal of at most 15 digits, extensions and
/// trailers without control characters, CRLF after everything (RFC 9112 §7.1). Keeps no bytes.
///
/// A trailer that would frame, route or end a message if it were taken for a header, or that pretends to come from
/// Turnout, makes the body invalid: its bytes are passed on as they come, too early to take them back.
struct ChunkedDecoder: BitwiseCopyable {
    enum Progress: UInt8, BitwiseCopyable {
        case more
        case finished
        case invalid
    }

    private enum Expecting: UInt8, BitwiseCopyable {
        case firstDigit, size, parameters, sizeLineFeed, data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, endLineFeed, end
    }

    private var expecting = Expecting.firstDigit
    private var digits: UInt8 = 0
    private var lineBytes: UInt16 = 0
    private var trailerBytes: UInt16 = 0
    private var trailerName = TrailerName()
    private var left: UInt64 = 0

    private static let maximumExtension = 1024
    private static let maximumTrailers = 16_384

    /// Consumes bytes of `input` from `at` on, up to the body's end.
    ///
    /// - Parameter payload: called with each run of the body's own bytes as offset and count.
    @inline(__always)
    mutating func consume(
        _ input: Bytes, at: inout Int, characters: CharacterTable, payload: (Int, Int) -> Void
    ) -> Progress {
        while at < input.count {
            if expecting == .data {
                let count = Int(min(left, UInt64(input.count - at)))
                payload(at, count)
                at += count
                left -= UInt64(count)
                if left == 0 { expecting = .dataReturn }
                continue
            }
            guard step(input[at], characters) else { return .invalid }
            at += 1
            if expecting == .end { return .finished }
        }
        return .more
    }

    /// - Returns: whether the byte may stand here.
    private mutating func step(_ byte: UInt8, _ characters: CharacterTable) -> Bool {
        switch expecting {
        case .firstDigit, .size:
            return size(byte, characters)
        case .parameters:
            lineBytes += 1
            if byte == 0x0d {
                expecting = .sizeLineFeed
                // A semicolon announces a name.
                return lineBytes > 1
            }
            return lineBytes <= Self.maximumExtension && (byte >= 0x20 || byte == 0x09) && byte != 0x7f
        case .sizeLineFeed:
            expecting = left > 0 ? .data : .trailerStart
            return byte == 0x0a
        case .data:
            return false
        case .dataReturn:
            expecting = .dataLineFeed
            return byte == 0x0d
        case .dataLineFeed:
            (expecting, digits, lineBytes) = (.firstDigit, 0, 0)
            return byte == 0x0a
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            return trailer(byte, characters)
        case .endLineFeed:
            expecting = .end
            return byte == 0x0a
        case .end:
            return false
        }
    }

    private mutating func size(_ byte: UInt8, _ characters: CharacterTable) -> Bool {
        if characters.has(byte, CharacterTable.hexadecimal) {
            digits += 1
            let value = byte < 0x3a ? byte &- 0x30 : (byte | 0x20) &- 0x57
            left = left << 4 | UInt64(value)
            expecting = .size
            return digits <= 15
        }
        guard expecting == .size else { return false }
        switch byte {
        case 0x0d: expecting = .sizeLineFeed
        case 0x3b: expecting = .parameters
        default: return false
        }
        return true
    }

    private mutating func trailer(_ byte: UInt8, _ characters: CharacterTable) -> Bool {
        trailerBytes += 1
        guard trailerBytes <= Self.maximumTrailers else { return false }
        switch expecting {
        case .trailerStart:
            if byte == 0x0d {
                expecting = .endLineFeed
                return true
            }
            expecting = .trailerName
            trailerName = TrailerName()
            trailerName.append(byte)
            return characters.has(byte, CharacterTable.token)
        case .trailerName:
            if byte == 0x3a {
                expecting = .trailerValue
                return !trailerName.isForbidden
            }
            trailerName.append(byte)
            return characters.has(byte, CharacterTable.token)
        case .trailerValue:
            if byte == 0x0d {
                expecting = .trailerLineFeed
                return true
            }
            return (byte >= 0x20 || byte == 0x09) && byte != 0x7f
        default:
            expecting = .trailerStart
            return byte == 0x0a
        }
    }
}
