import CEventLoop
import Glibc

/// Why a name has no addresses just now.
package struct NameResolverError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}

extension NameResolver {
    /// Asks the system (hosts file, DNS), which may block for many seconds.
    ///
    /// A name with IPv4 and IPv6 addresses gives the IPv4 ones alone: a scorer that listens on `127.0.0.1` must not
    /// fail every second connection because `localhost` is `::1` as well. Sorted, so that a DNS server that rotates
    /// its answers does not look like a change.
    package static func system(_ name: String) throws(NameResolverError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(name, nil, &hints, &list)
        guard result == 0 else {
            let reason =
                unsafe result == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(result))
            throw NameResolverError("can't resolve '\(name)': \(reason)")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: Set<SocketAddress> = []
        var next = unsafe list
        while let entry = unsafe next {
            if let raw = unsafe entry.pointee.ai_addr, let address = unsafe SocketAddress(raw) {
                addresses.insert(address.with(port: 0))
            }
            unsafe next = entry.pointee.ai_next
        }
        let v4 = addresses.filter { !$0.isIPv6 }
        let kept = (v4.isEmpty ? addresses : v4).sorted(by: SocketAddress.precedes)
        guard !kept.isEmpty else { throw NameResolverError("'\(name)' has no addresses") }
        return kept
    }
}
