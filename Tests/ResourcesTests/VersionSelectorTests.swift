import Foundation
import Resources
import Testing

@Suite struct VersionSelectorTests {
    @Test(
        "A version is named as MLflow names it, with or without the scheme",
        arguments: [
            ("fraud/12", "fraud/12"), ("models:/fraud/12", "fraud/12"), ("fraud@champion", "fraud@champion"),
            ("models:/fraud@champion", "fraud@champion"), ("Fraud Model/1", "Fraud Model/1"),
        ])
    func parses(_ text: String, _ canonical: String) throws {
        let selector = try VersionSelector(parsing: text)
        #expect(selector.description == canonical)
        #expect(try JSONDecoder().decode([VersionSelector].self, from: JSONEncoder().encode([selector])) == [selector])
    }

    @Test(
        "What names no version is refused",
        arguments: [
            "", "fraud", "fraud/", "/12", "fraud/0", "fraud/-1", "fraud/+1", "fraud/012", "fraud/1.0", "fraud/12/",
            "a/b/1", "fraud/١",
            "fraud@", "@champion", "fraud@latest", "fraud@v1", "fraud@a b", "models:/fraud/Production",
            "runs:/abc/model", "fraud/99999999999999999999",
        ])
    func refuses(_ text: String) { #expect(throws: TurnoutError.self) { try VersionSelector(parsing: text) } }
}
