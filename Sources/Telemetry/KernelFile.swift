import Glibc

/// Files under `/proc` and `/sys`: they have no size, and are read until they end.
package enum KernelFile {
    /// - Returns: at most a mebibyte of it; `nil` where it can't be opened.
    package static func text(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
                if count > 0 { unsafe bytes.append(contentsOf: buffer.prefix(count)) }
                return count
            }
            if count <= 0 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
