import ArgumentParser
import Resources

extension CommandFault {
    /// - Returns: `nil` when the words at the line's beginning name a command; what follows is the parser's affair.
    init?(unknownCommandIn arguments: [String]) {
        var command: any ParsableCommand.Type = TurnoutCommand.self
        var path = ["turnout"]
        for word in arguments {
            let children = command.configuration.subcommands
            guard !children.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let child = children.first(where: { $0._commandName == word }) else {
                let names = children.map { $0._commandName }
                let meant = NearMiss.suggestion(for: word, among: names)
                let whole = path.joined(separator: " ")
                self.init(
                    .usage, "there is no command '\(whole) \(word)'",
                    hint: meant.map { "did you mean '\(whole) \($0)'?" } ?? "'\(whole) --help' lists them")
                return
            }
            path.append(word)
            command = child
        }
        return nil
    }
}
