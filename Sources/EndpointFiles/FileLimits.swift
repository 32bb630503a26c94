/// What a file may cost at most; checked before the file is parsed where parsing itself could be the cost.
enum FileLimits {
    static let bytes = 1 << 20
    /// Mappings, sequences and scalars of one file, aliases counted as often as they are used.
    static let nodes = 50_000
    static let depth = 32
    /// Characters that can start a node; more of them than any file within `nodes` has reason to hold.
    static let indicators = 200_000
    /// Keys that are not plain words. No endpoint has any; the parser must hash each with all that is in it.
    static let complexKeys = 64
    /// Faults told for one file.
    static let diagnostics = 100
    /// A parse that finds a repeated key starts again without it; so many times at most.
    static let duplicateRounds = 20
}
