import Foundation
import Resources
import TestSupport
import Testing
import Yams

@Suite("The workflow of Examples/ci")
struct WorkflowTests {
    @Test("Its steps, run as they stand, validate, plan, keep one comment up to date, apply, and tell of a hold")
    func runs() async throws {
        let workflow = try Workflow()
        try await Dev.with { dev in
            let ada = dev.user()
            try await ada.run("model", "create", "fraud")
            for _ in 0..<2 { try await ada.run("version", "register", "fraud") }
            let runner = try Runner(dev: dev)

            for step in try workflow.steps("plan") { #expect(try await runner.run(step) == 0, "\(runner.said)") }
            #expect(try runner.comments() == 1)
            let first = try runner.comment()
            #expect(first.hasPrefix("<!-- turnout plan -->\n### Turnout plan\n"))
            #expect(first.contains("| `fraud` | **create**, revision 1 |"))
            #expect(try runner.summary().contains("Against release 0: 1 to create."))

            for step in try workflow.steps("apply") { #expect(try await runner.run(step) == 0, "\(runner.said)") }
            let releases: [Release] = try await ada.run("releases", "--output", "json").json()
            #expect(releases.map(\.reason) == ["Endpoint files"])
            #expect(releases.map(\.commit?.count) == [40])
            #expect(releases.map(\.source) == ["github.com/acme/models//endpoints"])

            for step in try workflow.steps("plan") { #expect(try await runner.run(step) == 0, "\(runner.said)") }
            #expect(try runner.comments() == 1, "the comment was changed, not repeated")
            #expect(try runner.comment().contains("1 unchanged."))

            try await ada.run("promote", "fraud", "challenger")
            try runner.edit("traffic: 10", "traffic: 20")
            for step in try workflow.steps("apply") { #expect(try await runner.run(step) == 0, "\(runner.said)") }
            #expect(runner.said.contains("::warning::Something waits for a hold"))

            try runner.edit("traffic: 20", "traffic: 200")
            let validate = try #require(try workflow.steps("plan").first)
            #expect(try await runner.run(validate) == 2)
        }
    }

    @Test("No step pastes an expression into its script, and every job has the rights that it needs and no more")
    func isSafe() throws {
        let workflow = try Workflow()
        for job in ["plan", "apply"] {
            for step in try workflow.steps(job) { #expect(!step.script.contains("${{")) }
        }
        #expect(workflow.permissions == ["contents": "read", "pull-requests": "write"])
        #expect(workflow.shell == "bash")
    }
}

/// The workflow file as far as its steps are scripts.
private struct Workflow {
    struct Step {
        let name: String
        let script: String
        /// With the expressions replaced by what they would be on the runner.
        let environment: [String: String]
    }

    private let tree: [String: Any]

    init() throws {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { directory.deleteLastPathComponent() }
        let text = try String(
            contentsOf: directory.appending(path: "Examples/ci/.github/workflows/turnout.yml"), encoding: .utf8)
        tree = try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    var permissions: [String: String] { tree["permissions"] as? [String: String] ?? [:] }

    var shell: String? {
        let run = (tree["defaults"] as? [String: Any])?["run"] as? [String: String]
        return run?["shell"]
    }

    func steps(_ job: String) throws -> [Step] {
        let jobs = try #require(tree["jobs"] as? [String: Any])
        let steps = try #require((jobs[job] as? [String: Any])?["steps"] as? [[String: Any]])
        let scripts = steps.compactMap { step -> Step? in
            guard let script = step["run"] as? String else { return nil }
            let environment = (step["env"] as? [String: String] ?? [:]).mapValues { value in
                value == "${{ github.event.pull_request.number }}" ? "7" : "from-github"
            }
            return Step(name: step["name"] as? String ?? "", script: script, environment: environment)
        }
        try #require(!scripts.isEmpty)
        return scripts
    }
}

/// Runs steps as GitHub's runner does: in a checkout, by bash with its options, `gh` replaced by one that keeps comments
/// in a directory.
private final class Runner {
    private let checkout: URL
    private let comment7: URL
    private let environment: [String: String]
    /// What the last step printed.
    private(set) var said = ""

    init(dev: Dev) throws {
        let root = dev.scratch.directory
        checkout = root.appending(path: "checkout")
        comment7 = root.appending(path: "comments")
        let tools = root.appending(path: "tools")
        for directory in [checkout, comment7, tools] {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        var repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { repository.deleteLastPathComponent() }
        try FileManager.default.copyItem(
            at: repository.appending(path: "Examples/ci/endpoints"), to: checkout.appending(path: "endpoints"))
        let gh = tools.appending(path: "gh")
        try Data(Self.gh.utf8).write(to: gh)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: gh.path)
        let executables = try TurnoutProcess.executable().deletingLastPathComponent().path
        environment = [
            "PATH": "\(tools.path):\(executables):/usr/local/bin:/usr/bin:/bin", "HOME": root.path,
            "TURNOUT_URL": "http://127.0.0.1:\(dev.controlPort)", "TURNOUT_TOKEN": "",
            "GITHUB_REPOSITORY": "acme/models", "GITHUB_STEP_SUMMARY": root.appending(path: "summary.md").path,
            "COMMENTS": comment7.path, "GIT_CONFIG_NOSYSTEM": "1",
        ]
        for command in [
            "git init --quiet", "git remote add origin https://github.com/acme/models", "git add .",
            "git -c user.name=ada -c user.email=ada@acme.test commit --quiet -m 'Endpoint files'",
        ] {
            let (status, output) = try execute(command, [:])
            guard status == 0 else { throw EndToEndFailure("\(command): \(output)") }
        }
    }

    func run(_ step: Workflow.Step) async throws -> Int32 {
        let (status, output) = try execute(step.script, step.environment)
        said = output
        return status
    }

    func edit(_ old: String, _ new: String) throws {
        let file = checkout.appending(path: "endpoints/fraud.yaml")
        try String(contentsOf: file, encoding: .utf8).replacing(old, with: new).write(
            to: file, atomically: true, encoding: .utf8)
    }

    func comments() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: comment7.path).count }
    func comment() throws -> String { try String(contentsOf: comment7.appending(path: "1"), encoding: .utf8) }

    func summary() throws -> String {
        try String(contentsOfFile: environment["GITHUB_STEP_SUMMARY"] ?? "", encoding: .utf8)
    }

    private func execute(_ script: String, _ more: [String: String]) throws -> (Int32, String) {
        let file = checkout.deletingLastPathComponent().appending(path: "step.sh")
        let log = checkout.deletingLastPathComponent().appending(path: "step.log")
        try Data(script.utf8).write(to: file)
        try Data().write(to: log)
        let bash = Process()
        bash.executableURL = URL(filePath: "/bin/bash")
        bash.arguments = ["--noprofile", "--norc", "-eo", "pipefail", file.path]
        bash.currentDirectoryURL = checkout
        bash.environment = environment.merging(more) { $1 }
        bash.standardInput = FileHandle.nullDevice
        bash.standardOutput = try FileHandle(forWritingTo: log)
        bash.standardError = bash.standardOutput
        try bash.run()
        bash.waitUntilExit()
        return (bash.terminationStatus, try String(contentsOf: log, encoding: .utf8))
    }

    /// Lists, makes and changes comments: files named by their ids.
    private static let gh = """
        #!/bin/bash
        set -eu
        shift   # api
        body=""; method=GET; path=""
        while [ $# -gt 0 ]; do
          case $1 in
            --method) method=$2; shift 2 ;;
            -F) body=${2#body=@}; shift 2 ;;
            --jq) shift 2 ;;
            --paginate) shift ;;
            *) path=$1; shift ;;
          esac
        done
        case "$method $path" in
          "GET repos/acme/models/issues/7/comments")
            # What --jq asks for: the ids of those that begin with the marker.
            for file in "$COMMENTS"/*; do
              if [ -e "$file" ] && grep -q '^<!-- turnout plan -->$' "$file"; then basename "$file"; fi
            done ;;
          "POST repos/acme/models/issues/7/comments") cp "$body" "$COMMENTS/$(($(ls "$COMMENTS" | wc -l) + 1))" ;;
          "PATCH repos/acme/models/issues/comments/"*) cp "$body" "$COMMENTS/${path##*/}" ;;
          *) echo "gh: $method $path" >&2; exit 1 ;;
        esac
        """
}
