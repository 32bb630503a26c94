import ArgumentParser
import ControlAPIClient
import Resources

struct VersionTag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Set or remove a version's tags, or change its description.",
        discussion: """
            Examples:
              turnout version tag fraud/12 validated=yes
              turnout version tag fraud/12 --remove validated --description "October"
            """)

    @Argument(help: "The version: fraud/12.", transform: checked)
    var version: VersionArgument

    @Argument(help: ArgumentHelp("Tags to set.", valueName: "key=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("A tag to remove; may stand several times.", valueName: "key"))
    var remove: [String] = []

    @Option(help: ArgumentHelp("For people.", valueName: "text"))
    var description: String?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard !tags.isEmpty || !remove.isEmpty || description != nil else {
            throw CommandFault(.usage, "nothing to change: give KEY=VALUE, --remove or --description")
        }
        let annotations = Annotations(
            description: description, setTags: try PairArgument.texts(tags, option: "tag"), removeTags: remove)
        let changed = try await connection.client().annotateVersion(
            version.reference, annotations, reason: why.reason)
        try output.render(changed, text: { VersionShow.text(changed) })
    }
}
