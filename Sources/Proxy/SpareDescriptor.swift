import Glibc

/// A descriptor kept for the moment when the process has no other left.
struct SpareDescriptor: BitwiseCopyable {
    private var descriptor: Int32 = -1

    /// - Returns: whether it is there.
    @discardableResult
    mutating func open() -> Bool {
        descriptor = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        return descriptor >= 0
    }

    mutating func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }
}
