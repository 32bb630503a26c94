import CEventLoop
import Glibc

/// An element of a `Slab`: a plain struct that knows whether it is in use.
protocol SlabElement: BitwiseCopyable {
    init()
    /// Counts the uses of the slot, so that what refers to an earlier use is recognised.
    var generation: UInt32 { get set }
    /// The next free slot while the slot is free.
    var nextFree: Int32 { get set }
}

/// Slots for plain structs at fixed places: addressed by index, reused last in first out, never moved.
///
/// Reserves address space for all slots at once; memory is touched as slots are used. Owned by one thread. A trivial
/// value, so that it can be held and copied without reference counting; `deallocate` ends all copies.
@safe
struct Slab<Element: SlabElement> {
    private struct Header {
        var firstFree: Int32 = -1
        var used: Int32 = 0
        var inUse: Int32 = 0
    }

    private let elements: UnsafeMutablePointer<Element>
    private let header: UnsafeMutablePointer<Header>
    let capacity: Int

    init?(capacity: Int) {
        let count = capacity * MemoryLayout<Element>.stride
        guard capacity < Int(Int32.max), let base = unsafe turnout_reserve(max(count, 1)) else { return nil }
        unsafe self.elements = base.bindMemory(to: Element.self, capacity: capacity)
        unsafe self.header = .allocate(capacity: 1)
        unsafe self.header.initialize(to: Header())
        self.capacity = capacity
    }

    func deallocate() {
        unsafe turnout_unreserve(elements, max(capacity * MemoryLayout<Element>.stride, 1))
        unsafe header.deallocate()
    }

    /// Slots in use now.
    var inUse: Int { unsafe Int(header.pointee.inUse) }
    /// Slots that were ever used: all indices in use lie below.
    var highWater: Int { unsafe Int(header.pointee.used) }

    /// - Returns: the index of a fresh element, or -1 when all are in use.
    @inline(__always)
    func allocate() -> Int {
        let index: Int
        var element = Element()
        if unsafe header.pointee.firstFree >= 0 {
            index = unsafe Int(header.pointee.firstFree)
            unsafe header.pointee.firstFree = elements[index].nextFree
            element.generation = unsafe elements[index].generation &+ 1
        } else {
            guard unsafe Int(header.pointee.used) < capacity else { return -1 }
            index = unsafe Int(header.pointee.used)
            unsafe header.pointee.used += 1
            element.generation = 1
        }
        element.nextFree = -2
        unsafe (elements + index).initialize(to: element)
        unsafe header.pointee.inUse += 1
        return index
    }

    @inline(__always)
    func free(_ index: Int) {
        precondition(isInUse(index))
        unsafe elements[index].nextFree = header.pointee.firstFree
        unsafe elements[index].generation &+= 1
        unsafe header.pointee.firstFree = Int32(truncatingIfNeeded: index)
        unsafe header.pointee.inUse -= 1
    }

    @inline(__always)
    func isInUse(_ index: Int) -> Bool {
        unsafe index >= 0 && index < Int(header.pointee.used) && elements[index].nextFree == -2
    }

    /// Whether the slot still has the use that `generation` was read from.
    @inline(__always)
    func isCurrent(_ index: Int, generation: UInt32) -> Bool {
        unsafe isInUse(index) && elements[index].generation == generation
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity))
            return unsafe UnsafePointer(elements + index)
        }
        nonmutating unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity))
            return unsafe elements + index
        }
    }
}

/// A fixed number of plain values at fixed places, all bits zero at first; bounds-checked. Memory is touched as elements
/// are. Owned by one thread.
@safe
struct FixedArray<Element: BitwiseCopyable> {
    private let elements: UnsafeMutablePointer<Element>
    let count: Int

    init(zeroed count: Int) {
        guard let memory = unsafe calloc(count, MemoryLayout<Element>.stride) else {
            preconditionFailure("there is no memory for \(count) elements")
        }
        unsafe elements = memory.bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    func deallocate() { unsafe free(elements) }

    @inline(__always)
    subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe UnsafePointer(elements + index)
        }
        nonmutating unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe elements + index
        }
    }
}
