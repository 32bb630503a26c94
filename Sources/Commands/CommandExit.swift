/// What a command's exit code means. Thrown by a command that has printed its result and did not end in `done`.
enum CommandExit: Int32, Error, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    /// The command line or the endpoint files are wrong.
    case usage = 2
    /// Done, but held or waiting.
    case held = 3
    /// The state moved on since the caller looked at it.
    case conflict = 4
    /// `plan` alone: there is something to apply.
    case changesPending = 5
}
