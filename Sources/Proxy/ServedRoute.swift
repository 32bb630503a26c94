import Splitting

/// One endpoint's route as the loops use it: its binary form, and for its backends and arms the slots and counter
/// blocks they have in this process. A trivial handle to memory that `RouteHolder` keeps until no loop can reach it.
@safe
struct ServedRoute: BitwiseCopyable, @unchecked Sendable {
    // Sendable: everything behind the pointer is immutable.
    @safe
    struct Record {
        let view: RouteView
        let backendCount: Int
        let backendSlots: UnsafeMutablePointer<UInt32>
        /// The endpoint's own, and one for each arm.
        let blocks: UnsafeMutablePointer<UInt32>
    }

    private let record: UnsafePointer<Record>

    @unsafe
    init(_ record: UnsafePointer<Record>) { unsafe self.record = record }

    var view: RouteView {
        @inline(__always) get { unsafe record.pointee.view }
    }

    /// The counter block of the endpoint itself, for what is decided before a variant is chosen.
    @inline(__always)
    var block: Int { unsafe Int(record.pointee.blocks[0]) }

    @inline(__always)
    func slot(backend: Int) -> Int {
        precondition(unsafe backend >= 0 && backend < record.pointee.backendCount)
        return unsafe Int(record.pointee.backendSlots[backend])
    }

    /// The slot of an arm's `index`-th backend.
    @inline(__always)
    func slot(arm: Int, _ index: Int) -> Int { slot(backend: view.backend(arm, index)) }

    @inline(__always)
    func block(arm: Int) -> Int {
        precondition(arm >= 0 && arm < view.armCount)
        return unsafe Int(record.pointee.blocks[arm + 1])
    }
}
