import ArgumentParser
import ControlAPIClient
import Resources

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who changed what, when and why; or whether that log is whole.",
        discussion: """
            --verify computes the chain of hashes anew and names the first entry that isn't as it was written (exit
            code 1). Keep the head it prints elsewhere: it proves later that nothing was cut off.

            Examples:
              turnout audit
              turnout audit --subject fraud/12
              turnout audit --verify
            """)

    @Flag(help: "Check the whole log.")
    var verify = false

    @Option(help: ArgumentHelp("Only what was done to it: fraud, fraud/12, fraud@champion.", valueName: "subject"))
    var subject: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        if verify {
            try await verify(client)
            return
        }
        let entries = try await list.collect { try await client.auditEntries(subject: subject, $0) }
        try output.render(entries) {
            TextTable(
                [
                    .right("#"), .left("at"), .left("actor"), .left("action"), .left("subject"), .left("what"),
                    .left("reason"),
                ],
                rows: entries.map { entry in
                    [
                        StyledText(String(entry.sequence)), StyledText(entry.at.seconds), StyledText(entry.actor),
                        StyledText(entry.action), StyledText(entry.subject, .bold),
                        StyledText(AuditDetail.words(of: entry)),
                        StyledText(entry.reason?.firstLine ?? ""),
                    ]
                },
                whenEmpty: "Nothing was changed yet.")
        }
    }

    private func verify(_ client: APIClient) async throws {
        let verification = try await client.verifyAudit()
        try output.render(
            verification,
            text: {
                verification.fault.map { "the audit log is damaged: \($0)" }
                    ?? "\(verification.entries) entries are whole; head \(verification.head)"
            })
        if verification.fault != nil { throw CommandExit.failed }
    }
}
