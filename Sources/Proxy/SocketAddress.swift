import CEventLoop
import Glibc

/// An IPv4 or IPv6 address and port as three machine words, so that it can be published and copied without allocation.
///
/// IPv4 addresses are kept as such (`isIPv6` false, the address in the lower 32 bits of `low`).
package struct SocketAddress: Sendable, Hashable {
    package let isIPv6: Bool
    /// In host byte order.
    package let port: UInt16
    /// The first eight bytes of an IPv6 address in network order, as a big-endian number; 0 for IPv4.
    package let high: UInt64
    /// The last eight bytes of an IPv6 address, or an IPv4 address, as a big-endian number.
    package let low: UInt64
    /// An IPv6 link-local address's interface; 0 otherwise.
    package let scope: UInt32

    package init(ipv4 address: UInt32, port: UInt16) {
        (self.isIPv6, self.port, self.high, self.low, self.scope) = (false, port, 0, UInt64(address), 0)
    }

    package init(ipv6High high: UInt64, low: UInt64, port: UInt16, scope: UInt32 = 0) {
        (self.isIPv6, self.port, self.high, self.low, self.scope) = (true, port, high, low, scope)
    }

    /// - Returns: `nil` unless `text` is an IPv4 or IPv6 address; host names are not resolved.
    package init?(literal text: String, port: UInt16) {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, text, &v4) == 1 {
            self.init(ipv4: UInt32(bigEndian: v4.s_addr), port: port)
            return
        }
        var v6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let (high, low) = unsafe withUnsafeBytes(of: v6) { bytes in
            (
                unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(ipv6High: high, low: low, port: port)
    }

    /// What the kernel gave for a name or a peer; `nil` for other families.
    @unsafe
    init?(_ address: UnsafePointer<sockaddr>) {
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let v4 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            self.init(ipv4: UInt32(bigEndian: v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = unsafe withUnsafeBytes(of: v6.sin6_addr) { bytes in
                (
                    unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(ipv6High: high, low: low, port: UInt16(bigEndian: v6.sin6_port), scope: v6.sin6_scope_id)
        default:
            return nil
        }
    }

    /// Calls `body` with the address in the kernel's form, valid during the call only.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            if isIPv6 {
                var v6 = sockaddr_in6()
                v6.sin6_family = sa_family_t(AF_INET6)
                v6.sin6_port = port.bigEndian
                v6.sin6_scope_id = scope
                unsafe withUnsafeMutableBytes(of: &v6.sin6_addr) { address in
                    unsafe address.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
                    unsafe address.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
                }
                unsafe bytes.storeBytes(of: v6, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            }
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            unsafe bytes.storeBytes(of: v4, as: sockaddr_in.self)
            return MemoryLayout<sockaddr_in>.size
        }
        return unsafe withUnsafeBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("storage has an address") }
            return unsafe body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
        }
    }
}
