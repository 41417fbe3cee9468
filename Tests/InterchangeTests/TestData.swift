import Foundation
import Interchange
import Testing

/// Real files made by others, where the machine has them.
enum TestData {
    /// DISTILL_TEST_DATA, else the folder beside the package.
    static let root: URL? = {
        let given = ProcessInfo.processInfo.environment["DISTILL_TEST_DATA"]
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url =
            given.map { URL(fileURLWithPath: $0) }
            ?? package.deletingLastPathComponent().appendingPathComponent("shared/data")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }()

    static var isThere: Bool { root != nil }

    /// Whole models that come with the outputs of 0, 1/n, 2/n, ...
    static var lightModels: [String] {
        guard let folder = try? url("onnx-cases/models").path,
            let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return [] }
        return files.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func url(_ path: String) throws -> URL {
        try #require(root).appendingPathComponent(path)
    }

    static func folders(_ path: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: url(path), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }
}
