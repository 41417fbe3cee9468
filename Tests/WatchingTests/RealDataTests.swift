import Catalog
import Foundation
import Testing
import Watching

/// Real recordings, where somebody has put them: see DISTILL_TEST_DATA.
enum RealData {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path =
            environment["DISTILL_TEST_DATA"]
            ?? root.appendingPathComponent("../shared/data").standardizedFileURL.path
        return FileManager.default.fileExists(atPath: "\(path)/kitchen") ? path : nil
    }()
}

@Suite(.enabled(if: RealData.folder != nil), .timeLimit(.minutes(5))) struct RealDataTests {
    @Test func aRecordedKitchenIsIndexed() async throws {
        let data = try #require(RealData.folder)
        try await Bench.run { bench in
            let kitchen = try await bench.service.add(path: "\(data)/kitchen")
            #expect(kitchen.dataset.layout == "suffix")
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(data)/kitchen")
            let pairs = names.count { name in
                name.hasSuffix(".color.jpg")
                    && names.contains(
                        name.replacingOccurrences(of: ".color.jpg", with: ".depth.png"))
            }
            #expect(kitchen.summary.counts.paired == pairs)
            #expect(pairs > 0)
            // Without labels a fixed part is held back for tests.
            #expect((kitchen.summary.counts.splits["test"] ?? 0) > pairs / 10)
        }
    }
}
