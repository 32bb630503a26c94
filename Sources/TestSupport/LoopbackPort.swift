internal import Glibc

/// Ports of this machine for processes that must be told theirs.
package enum LoopbackPort {
    /// A port that nothing listens on, and that nobody else is given as long as this process lives.
    ///
    /// A socket stays bound to it without listening: to the kernel the port is taken, whoever asks for any free one or
    /// connects from one, but a listener with `SO_REUSEADDR` may still have it, again and again.
    package static func reserve() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
                guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0
                else { return nil }
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt16(bigEndian: $0.pointee.sin_port)
                }
            }
        }
        guard let port else {
            let reason = errno
            close(descriptor)
            throw ProcessFailure("no free port: errno \(reason)")
        }
        return Int(port)
    }
}
