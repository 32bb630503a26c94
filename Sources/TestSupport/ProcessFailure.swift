/// A process, or what talks to it, did not do what it was asked.
package struct ProcessFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
