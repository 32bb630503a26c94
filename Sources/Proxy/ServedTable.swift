import Splitting
import Synchronization

/// A routing table as the loops use it: where each endpoint's route and each host's is found. A trivial handle to
/// memory that `TableHolder` keeps until no loop can reach it.
@safe
struct ServedTable: BitwiseCopyable, @unchecked Sendable {
    // Sendable: everything behind the pointer is immutable but for `inFlight`, which holds atomics.
    @safe
    struct Record {
        let names: RouteIndex
        let hosts: RouteIndex
        let hasHosts: Bool
        /// The route with the host `*`.
        let wildcard: ServedRoute?
        /// One cache line a loop: requests that still use the table.
        let inFlight: UnsafeMutablePointer<Atomic<UInt64>>
        /// `x-turnout-generation: 17` with its CRLF.
        let generationHeader: Bytes
        /// Rises with each table installed in this process.
        var sequence: UInt64
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

    @inline(__always)
    var sequence: UInt64 { unsafe record.pointee.sequence }
    @inline(__always)
    var generationHeader: Bytes { unsafe record.pointee.generationHeader }

    /// The route of an endpoint's name.
    @inline(__always)
    func route(named name: Bytes) -> ServedRoute? { unsafe record.pointee.names.route(of: name) }

    /// Whether any route has a host of its own.
    @inline(__always)
    var hasHosts: Bool { unsafe record.pointee.hasHosts }

    /// The route that owns a host (lower case, without port).
    @inline(__always)
    func route(host: Bytes) -> ServedRoute? { unsafe record.pointee.hosts.route(of: host) }

    @inline(__always)
    var wildcard: ServedRoute? { unsafe record.pointee.wildcard }

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
