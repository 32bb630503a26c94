import ArgumentParser
import Testing

@testable import Commands

@Suite("The command line")
struct CommandTreeTests {
    static func leaves(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        let children = command.configuration.subcommands
        return children.isEmpty ? [command] : children.flatMap(leaves)
    }

    @Test("Every command says what it does, and shows an example")
    func help() {
        for command in Self.leaves(TurnoutCommand.self) {
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            #expect(command.configuration.discussion.contains("turnout "), "\(command)")
        }
    }

    @Test("Wrong usage exits with 2 and says so on standard error")
    func usage() async {
        let run = await CommandRun.of("proxy", "--no-such-flag")
        #expect(run.exit == 2)
        #expect(run.error.hasPrefix("error: "))
        #expect(run.output.isEmpty)
    }

    @Test("A setting that can't be used names its key, and exits with 2 before anything is bound")
    func badSetting() async {
        let run = await CommandRun.of("dev", "--proxy", "nowhere")
        #expect(run.exit == 2)
        #expect(run.error.contains("--proxy (TURNOUT_PROXY)"))
        let variable = await CommandRun.of(["proxy"], variables: ["TURNOUT_THREADS": "many"])
        #expect(variable.exit == 2)
        #expect(variable.error.contains("TURNOUT_THREADS"))
    }

    @Test("Help and version go to standard output and exit with 0", arguments: ["--help", "--version"])
    func help(_ flag: String) async {
        let run = await CommandRun.of(flag)
        #expect(run.exit == 0)
        #expect(!run.output.isEmpty)
        #expect(run.error.isEmpty)
    }

    @Test("Migrating without a database says how to name one")
    func noDatabase() async {
        let run = await CommandRun.of("migrate")
        #expect(run.exit == 2)
        #expect(run.error.contains("TURNOUT_DATABASE_URL"))
    }
}
