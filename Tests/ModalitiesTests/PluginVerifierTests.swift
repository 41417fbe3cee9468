import Foundation
import Modalities
import Testing

@Suite("Verifying a plugin")
struct PluginVerifierTests {
    @Test("The plugins of this build pass every check", arguments: ["rgb", "depth", "tiny"])
    func good(_ name: String) throws {
        try withTemporaryFolder { folder in
            let place = try Plugins.install(name, into: folder)
            let sample = folder.appendingPathComponent("a.tiny")
            let numbers = (0..<35).map { "\($0).5" }.joined(separator: " ")
            try Data("TNY 7 5\n\(numbers)\n".utf8).write(to: sample)
            let samples = name == "tiny" ? [sample.path] : []
            var reported = 0
            let checks = PluginVerifier(folder: place.path, samples: samples).run { _ in
                reported += 1
            }
            #expect(checks.filter { !$0.passed }.isEmpty)
            #expect(checks.count >= 9 && reported == checks.count)
        }
    }

    @Test("Without a file that it reads a plugin is not verified")
    func unreadable() throws {
        try withTemporaryFolder { folder in
            let place = try Plugins.install("tiny", into: folder)
            let checks = PluginVerifier(folder: place.path).run()
            #expect(checks.filter { !$0.passed }.map(\.name) == ["samples"])
        }
    }

    @Test("A broken manifest ends the checks at once")
    func broken() throws {
        try withTemporaryFolder { folder in
            let checks = PluginVerifier(folder: folder.path).run()
            #expect(checks.map(\.passed) == [false])
        }
    }
}
