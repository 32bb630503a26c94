internal import Glibc

/// Holds a file's lock until it goes, with the process at the latest.
final class DirectoryLock {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
