/// What a walk over the whole audit chain found.
package struct AuditVerification: Sendable, Hashable, Codable {
    /// How many entries were checked.
    package let entries: Int64
    /// The newest entry's hash; kept elsewhere, it proves later that nothing was cut off.
    package let head: String
    /// The first entry that isn't as it was written, and what is wrong; absent when all is well.
    package let fault: String?

    package init(entries: Int64, head: String, fault: String?) {
        self.entries = entries
        self.head = head
        self.fault = fault
    }
}
