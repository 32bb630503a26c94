import CEventLoop

/// What epoll reports.
enum EventFlag {
    static let input: Int32 = 0x001
    static let output: Int32 = 0x004
    static let error: Int32 = 0x008
    static let hangUp: Int32 = 0x010
    static let peerClosed: Int32 = 0x2000
}
