import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct DemoTests {
        /// So few pairs teach nothing: only the way to the report is tested here.
        @Test func theDemonstrationReportsEveryArm() async throws {
            let service = try Service()
            let folder = "\(service.folder)/demo-state"
            let ending = try await service.ctl(
                "demo", "--folder", folder, "--datasets", service.datasets, "--pairs", "60",
                "--epochs", "1", "-o", "json")
            let report = try ControlJSON.decode(JSONValue.self, from: Data(ending.output.utf8))
            let passed = report["passed"]?.bool ?? false
            #expect(report["passed"]?.bool != nil)
            #expect(ending.status == (passed ? 0 : 1))
            #expect(report["chance"]?.number == 0.1)
            #expect(report["teacher"]?["accuracy"]?.number != nil)
            let student = try #require(report["student"])
            for arm in ["distilled", "few_labels", "oracle", "shuffled_pairs", "colour"] {
                #expect(student[arm]?["accuracy"]?.number != nil, "\(arm)")
            }
            #expect(student["distilled"]?["agreement"]?.number != nil)
            #expect(student["few_labels"]?["labels_per_class"]?.number == 5)
            #expect((report["seconds"]?.number ?? 0) > 0)
            #expect((report["samples_per_second"]?.number ?? 0) > 0)
            for name in ["report.json", "report.html", "distilld.log"] {
                #expect(FileManager.default.fileExists(atPath: "\(folder)/demo/\(name)"), "\(name)")
            }
            let page = try String(contentsOfFile: "\(folder)/demo/report.html", encoding: .utf8)
            #expect(page.contains("<svg") && page.contains("data:image/"))
            #expect(!page.contains("src=\"http"))
        }
    }
}
