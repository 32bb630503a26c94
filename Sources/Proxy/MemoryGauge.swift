import Glibc

/// Tells how much memory the process holds, and how much more it may: for every thread, cheap enough to ask often.
///
/// What it holds is what is resident and of no file: the program's code comes from a file, is shared by all processes that
/// run it, and the kernel drops it when it needs the room.
struct MemoryGauge: BitwiseCopyable, Sendable {
    /// Of a file like `/proc/self/statm`; -1 without a limit.
    private let descriptor: Int32
    private let pageBytes: Int
    /// An event descriptor that wakes the watch.
    let alarm: Int32
    /// In bytes.
    let limit: Int
    private let loops: Int

    /// Without a limit.
    static let none = MemoryGauge(descriptor: -1, alarm: -1, limit: .max, loops: 1)

    init(descriptor: Int32, alarm: Int32, limit: Int, loops: Int) {
        self.descriptor = descriptor
        self.alarm = alarm
        self.limit = limit
        self.loops = loops
        pageBytes = max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
    }

    var hasLimit: Bool { descriptor >= 0 }

    /// What the process holds; 0 when it can't be told.
    func bytes() -> Int {
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return 0 }
            let (resident, shared) = unsafe Self.pages(buffer.prefix(count))
            return max(0, resident - shared) * pageBytes
        }
    }

    /// The second and the third of the numbers.
    private static func pages(_ text: some Sequence<UInt8>) -> (resident: Int, shared: Int) {
        var field = 0
        var pages = (0, 0)
        for byte in text {
            if byte == 0x20 {
                field += 1
                if field > 2 { break }
            } else if byte &- 0x30 < 10 {
                let digit = Int(byte &- 0x30)
                if field == 1 { pages.0 = pages.0 * 10 + digit }
                if field == 2 { pages.1 = pages.1 * 10 + digit }
            }
        }
        return pages
    }

    /// How many bytes a loop may fill until it looks again: half of what all of them could without using memory up.
    func allowance(holding bytes: Int) -> Int {
        let room = limit / 100 * MemoryPressure.exhausted.percent - bytes
        return max(room / (2 * loops), BufferPool.bufferBytes)
    }
}
