extension Duration {
    /// Whole milliseconds, rounded up so that a wait never ends before its time; clamped rather than overflowing.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard abs(seconds) < 1 << 40 else { return seconds < 0 ? 0 : Int(Int32.max) }
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
