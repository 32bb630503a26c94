/// Why a routing table could not be read from or written to disk.
package struct TableFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// The file is not what was written: torn, altered, or not a table at all.
        case damaged
        /// A table of a higher generation is already there.
        case stale
        /// The file could not be read or written; the message says which call failed and why.
        case fileSystem
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
