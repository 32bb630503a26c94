import Resources

/// `KEY=VALUE`, as `--tag` and `--metric` take it.
enum PairArgument {
    /// - Throws: `CommandFault` for an argument without `=`, or a key that stands twice.
    static func texts(_ arguments: [String], option: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFault(.usage, "\(option) '\(argument)': expected KEY=VALUE")
            }
            guard pairs.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw CommandFault(.usage, "\(option) '\(parts[0])' stands twice")
            }
        }
        return pairs
    }

    static func numbers(_ arguments: [String], option: String) throws -> [String: Double] {
        try texts(arguments, option: option).mapValues { text in
            guard let number = Double(text), number.isFinite else {
                throw CommandFault(.usage, "\(option) '\(text)': expected a number")
            }
            return number
        }
    }
}
