import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct FileTests {
        @Test func filesBecomePairsWhileTheDaemonRuns() async throws {
            try await Service.with { service, _ in
                let path = try await service.synthesize(pairs: 12)
                let listed = try await service.json(DatasetsReply.self, "datasets", "list")
                #expect(listed.datasets.map(\.name) == ["shapes"])
                #expect(listed.datasets.first?.samples["paired"] == 12)
                #expect(listed.datasets.first?.labelled == 12)

                let files = FileManager.default
                try files.copyItem(
                    atPath: "\(path)/rgb/000000.jpg", toPath: "\(path)/rgb/900000.jpg")
                try files.copyItem(
                    atPath: "\(path)/depth/000000.png", toPath: "\(path)/depth/900000.png")
                try await wait(for: "the new pair") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["paired"] == 13
                }

                try files.removeItem(atPath: "\(path)/depth/900000.png")
                try await wait(for: "the lone picture") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["rgb_only"] == 1
                }
            }
        }

        /// A student goes out, comes back as a model, answers pictures, and what a file is not is said.
        @Test func modelsComeBackAndAreTriedOnPictures() async throws {
            try await Service.with { service, _ in
                let path = try await service.synthesize(pairs: 24)
                let recipe = try service.recipe("teacher", epochs: 1)
                #expect(try await service.ctl("enqueue", recipe, "--wait").status == 0)
                for format in ["onnx", "safetensors"] {
                    let file = "\(service.folder)/own.\(format)"
                    _ = try await service.ctl(
                        "models", "export", "teacher", "--format", format, "--to", file)
                    let back = try await service.ctl(
                        "models", "import", file, "--name", "own-\(format)", "--check",
                        "\(path)/rgb/000000.jpg", "\(path)/rgb/000001.jpg")
                    #expect(back.status == 0, "\(back.errors)")
                    #expect(back.output.contains("000001.jpg"), "\(back.output)")
                    let shown = try await service.json(
                        ModelReply.self, "models", "show", "own-\(format)")
                    #expect(shown.model.task == "classifier")
                    #expect(shown.model.classes.contains("sphere"))
                }
                let settings = "\(service.folder)/caffe.toml"
                try "channels = \"bgr\"\nscale = 1\nmean = [103.9, 116.8, 123.7]\n".write(
                    toFile: settings, atomically: true, encoding: .utf8)
                let own = "\(service.folder)/own.onnx"
                let refused = try await service.ctl(
                    "models", "import", own, "--name", "x", "--preprocess", settings)
                #expect(refused.status == 1 && refused.errors.contains("leave --preprocess out"))
                let page = "\(service.folder)/page.onnx"
                try "<!DOCTYPE html><html>404".write(
                    toFile: page, atomically: true, encoding: .utf8)
                let foreign = try await service.ctl("models", "import", page, "-o", "json")
                #expect(foreign.status == 1 && foreign.errors.contains("import.foreign_format"))
                let task = try await service.ctl("models", "import", own, "--task", "clasifier")
                #expect(task.status == 1 && task.errors.contains("multi-label"))
            }
        }

        @Test func aTruncatedFileIsSetAsideWithItsReason() async throws {
            try await Service.with { service, daemon in
                let path = try await service.synthesize(pairs: 12)
                let whole = try Data(contentsOf: URL(fileURLWithPath: "\(path)/rgb/000000.jpg"))
                try whole.prefix(40).write(to: URL(fileURLWithPath: "\(path)/rgb/800000.jpg"))
                try FileManager.default.copyItem(
                    atPath: "\(path)/depth/000000.png", toPath: "\(path)/depth/800000.png")
                try await wait(for: "the quarantine") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["quarantined"] == 1
                }
                let found = try await service.json(
                    SamplesReply.self, "samples", "list", "--dataset", "shapes", "--state",
                    "quarantined")
                let sample = try #require(found.samples.first)
                #expect(sample.key == "800000")
                #expect(sample.reason?.isEmpty == false && sample.code?.isEmpty == false)

                try whole.write(
                    to: URL(fileURLWithPath: "\(path)/rgb/800000.jpg"), options: .atomic)
                _ = try await service.ctl("samples", "retry", "\(sample.id)")
                try await wait(for: "the mended pair") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["paired"] == 13
                }
                #expect(isAlive(daemon.pid))
            }
        }
    }
}
