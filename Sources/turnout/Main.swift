import Commands
import Foundation

@main
struct Main {
    static func main() async {
        exit(await runTurnout(Array(CommandLine.arguments.dropFirst()), in: .process))
    }
}
