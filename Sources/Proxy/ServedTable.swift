import Splitting
import Synchronization

/// A routing table as the loops use it: the flat block, and for its backends and arms the slots and counter blocks
/// they have in this process. A trivial handle to memory that `TableHolder` keeps until no loop can reach it.
@safe
struct ServedTable: BitwiseCopyable, @unchecked Sendable {
    // Sendable: everything behind the pointer is immutable but for `inFlight`, which holds atomics.
    @safe
    struct Record {
        let view: FlatTableView
        let backendSlots: UnsafeMutablePointer<UInt32>
        let armBlocks: UnsafeMutablePointer<UInt32>
        let routeBlocks: UnsafeMutablePointer<UInt32>
        /// One cache line a loop: requests that still use the table.
        let inFlight: UnsafeMutablePointer<Atomic<UInt64>>
        /// `x-turnout-generation: 17` with its CRLF.
        let generationHeader: Bytes
        /// Rises with each table installed in this process.
        let sequence: UInt64
    }

    private let record: UnsafePointer<Record>

    @unsafe
    init(_ record: UnsafePointer<Record>) { unsafe self.record = record }

    @unsafe
    init?(bits: UInt64) {
        guard let record = unsafe UnsafePointer<Record>(bitPattern: UInt(bits)) else { return nil }
        unsafe self.init(record)
    }

    var bits: UInt64 { unsafe UInt64(UInt(bitPattern: record)) }

    static let lineWords = 8

    var view: FlatTableView {
        @inline(__always) get { unsafe record.pointee.view }
    }
    @inline(__always)
    var sequence: UInt64 { unsafe record.pointee.sequence }
    @inline(__always)
    var generationHeader: Bytes { unsafe record.pointee.generationHeader }

    @inline(__always)
    func slot(backend: Int) -> Int {
        precondition(backend >= 0 && backend < view.backendCount)
        return unsafe Int(record.pointee.backendSlots[backend])
    }

    @inline(__always)
    func block(arm: Int) -> Int {
        precondition(arm >= 0 && arm < view.armCount)
        return unsafe Int(record.pointee.armBlocks[arm])
    }

    @inline(__always)
    func block(route: Int) -> Int {
        precondition(route >= 0 && route < view.routeCount)
        return unsafe Int(record.pointee.routeBlocks[route])
    }

    @inline(__always)
    func beginRequest(loop: Int) {
        let count = unsafe record.pointee.inFlight + loop * Self.lineWords
        unsafe count.pointee.store(count.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    @inline(__always)
    func endRequest(loop: Int) {
        let count = unsafe record.pointee.inFlight + loop * Self.lineWords
        unsafe count.pointee.store(count.pointee.load(ordering: .relaxed) &- 1, ordering: .releasing)
    }

    func inFlight(loop: Int) -> UInt64 {
        unsafe (record.pointee.inFlight + loop * Self.lineWords).pointee.load(ordering: .acquiring)
    }
}
