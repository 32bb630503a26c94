/// Strings as C's `const char *const *`, ended by a null pointer.
struct CStringArray {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    init(_ strings: [String]) {
        for string in strings {
            offsets.append(bytes.count)
            bytes += string.utf8CString
        }
    }

    /// Calls `body` with the array, valid during the call.
    func withPointers<Value>(_ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
        bytes.withUnsafeBufferPointer { buffer in body(offsets.map { buffer.baseAddress?.advanced(by: $0) } + [nil]) }
    }

    /// The same for C functions that take `char *const *` without writing to it, such as `posix_spawn`.
    func withMutablePointers<Value>(_ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
        withPointers { pointers in body(pointers.map { UnsafeMutablePointer(mutating: $0) }) }
    }
}
