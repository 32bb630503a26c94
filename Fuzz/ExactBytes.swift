/// The input as the scanners take it, in a block of exactly its size: a read beyond it is the sanitizer's to find.
func withExactBytes(_ input: [UInt8], _ body: (Bytes) -> Void) {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, input.count), alignment: 1)
    defer { unsafe block.deallocate() }
    unsafe block.copyBytes(from: input)
    guard let base = unsafe block.baseAddress else { return }
    unsafe body(Bytes(base: base, count: input.count))
}

/// Ends the run, with the input kept, when a rule does not hold.
func check(_ condition: Bool, _ rule: StaticString) {
    if !condition { fatalError("broken: \(rule)") }
}
