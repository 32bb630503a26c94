import CEventLoop
import Glibc

extension SocketAddress: CustomStringConvertible {
    /// `10.0.0.7:8080`, `[2001:db8::7]:8080`.
    package var description: String {
        let host = unsafe withSocketAddress { address, length in
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
                let result = unsafe getnameinfo(
                    address, length, text.baseAddress, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                guard result == 0, let start = text.baseAddress else { return "?" }
                return unsafe String(cString: start)
            }
        }
        return isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension SocketAddress {
    /// The address at this machine's end of a socket; `nil` for other families.
    init?(localEndOf descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = unsafe withUnsafeMutablePointer(to: &storage) { pointer -> SocketAddress? in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getsockname(descriptor, address, &length) == 0 else { return nil }
                return unsafe SocketAddress(UnsafePointer(address))
            }
        }
        guard let address else { return nil }
        self = address
    }

    func with(port: UInt16) -> SocketAddress {
        isIPv6
            ? SocketAddress(ipv6High: high, low: low, port: port, scope: scope)
            : SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port)
    }

    var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

    /// A total order, for lists that must not change when a DNS server rotates its answers.
    static func precedes(_ left: SocketAddress, _ right: SocketAddress) -> Bool {
        (left.isIPv6 ? 1 : 0, left.high, left.low, left.scope, left.port)
            < (right.isIPv6 ? 1 : 0, right.high, right.low, right.scope, right.port)
    }
}
