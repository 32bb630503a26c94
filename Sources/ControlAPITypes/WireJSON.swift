package import Foundation

/// How every body of the control API is written and read, by server and client alike.
///
/// Keys are sorted, so that equal values are equal bytes; moments are `Timestamp` strings, so no date strategy is
/// needed; slashes stay as they are.
package enum WireJSON {
    package static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    package static func decoder() -> JSONDecoder { JSONDecoder() }
}
