import CEventLoop

/// Where the kernel reports what happened; bounds-checked. Owned by one thread.
@safe
struct EventList {
    private let events: UnsafeMutablePointer<epoll_event>
    let capacity: Int

    init(capacity: Int) {
        unsafe events = .allocate(capacity: capacity)
        unsafe events.initialize(repeating: epoll_event(), count: capacity)
        self.capacity = capacity
    }

    func deallocate() { unsafe events.deallocate() }

    /// - Returns: how many events there are, or a negated errno.
    @inline(__always)
    func wait(on epoll: Int32, milliseconds: Int32) -> Int {
        unsafe Int(turnout_epoll_wait(epoll, events, Int32(truncatingIfNeeded: capacity), milliseconds))
    }

    @inline(__always)
    func token(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < capacity)
        return unsafe turnout_event_token(events, Int32(truncatingIfNeeded: index))
    }

    @inline(__always)
    func flags(_ index: Int) -> Int32 {
        precondition(index >= 0 && index < capacity)
        return unsafe Int32(bitPattern: turnout_event_flags(events, Int32(truncatingIfNeeded: index)))
    }
}
