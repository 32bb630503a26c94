/// What makes endpoint files say another split.
package struct SplitEdit: Sendable, Hashable {
    /// Those that change, by name; empty when they say so already.
    package let files: [FileEdit]
    /// The other environments that read the same lines, and so get the same shares.
    package let alsoChanges: [String]
}
