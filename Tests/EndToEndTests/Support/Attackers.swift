import Foundation
import TestSupport

/// Connections that send something, and then what the test says.
final class Attackers {
    private let descriptors: [Int32]

    init(_ port: Int, _ count: Int, sending text: String) throws {
        var descriptors: [Int32] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var size: Int32 = 4096
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            let isConnected = Self.withAddress(port) { connect(descriptor, $0, $1) == 0 }
            guard isConnected else { throw EndToEndFailure("connection \(descriptors.count): errno \(errno)") }
            descriptors.append(descriptor)
        }
        self.descriptors = descriptors
        if !text.isEmpty { sendAgain(text) }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    var count: Int { descriptors.count }

    /// As much as the kernel takes.
    func sendAgain(_ text: String) {
        let bytes = Array(text.utf8)
        for descriptor in descriptors {
            send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// What came on the last of the connections.
    func answers(of count: Int) -> [String] {
        descriptors.suffix(count).map { descriptor in
            var bytes = [UInt8](repeating: 0, count: 1000)
            let received = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return String(decoding: bytes.prefix(max(0, received)), as: UTF8.self)
        }
    }

    static func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
