import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("Models", .serialized, .timeLimit(.minutes(2)))
struct ModelTests {
    @Test("a model goes up, is listed, comes down again and is removed")
    func roundTrip() async throws {
        try await withDaemon { daemon in
            let file = "\(daemon.folder)/resnet.onnx"
            let content = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            makeFile(file, content)
            let classes = (0..<1_000).map { "class number \($0)" }.joined(separator: "\n")
            let model = try await daemon.client.upload(
                ImportModel(
                    originalName: "resnet.onnx", modality: "rgb", preprocess: "imagenet",
                    classes: classes), from: file
            ).model
            #expect(model.name == "resnet")
            let assignment = try #require(daemon.assignments("import").first)
            #expect(assignment.contains("class number 999"))
            #expect(assignment.contains(#""preprocess":"imagenet""#))
            #expect(try await daemon.client.send(ListModels()).models.map(\.name) == ["resnet"])

            let layers = try await daemon.client.send(ShowModelLayers("resnet")).layers
            #expect(
                layers == [
                    ModelLayer(
                        name: "a", operation: "Relu", shape: [1, 2], multiplyAdds: 3,
                        taps: ["layer1"])
                ])
            let list = "\(daemon.state)/models/resnet/layers.json"
            makeFile(list, Data("no list".utf8))
            do {
                _ = try await daemon.client.send(ShowModelLayers("resnet"))
                Issue.record("a damaged list was read")
            } catch let error as ControlError {
                #expect(error.code == "model.damaged")
            }
            // Models of earlier versions have none.
            try FileManager.default.removeItem(atPath: list)
            #expect(try await daemon.client.send(ShowModelLayers("resnet")).layers.isEmpty)

            let copy = "\(daemon.folder)/copy.onnx"
            let bytes = try await daemon.client.download(
                ExportModel("resnet", format: "onnx"), to: copy)
            #expect(bytes == 3_000_000)
            #expect(FileManager.default.contents(atPath: copy) == content)
            await #expect(throws: ControlError.self) {
                try await daemon.client.download(
                    ExportModel("resnet", format: "tflite"), to: copy)
            }

            try await leavesWhatIsNoFile(daemon, content)

            do {
                _ = try await daemon.client.upload(
                    ImportModel(originalName: "resnet.onnx"), from: file)
                Issue.record("a taken name was taken again")
            } catch let error as ControlError {
                #expect(error.code == "model.exists")
            }
            #expect(try await daemon.client.send(RemoveModel("resnet")).removed == "resnet")
            #expect(!FileManager.default.fileExists(atPath: "\(daemon.state)/models/resnet"))
            let incoming = try FileManager.default.contentsOfDirectory(
                atPath: "\(daemon.state)/incoming")
            #expect(incoming.isEmpty)
        }
    }

    /// Links are followed and stay, modes are kept, pipes are written into.
    private func leavesWhatIsNoFile(_ daemon: TestDaemon, _ content: Data) async throws {
        let folder = daemon.folder
        let (target, link) = ("\(folder)/target.onnx", "\(folder)/link.onnx")
        makeFile(target, Data("old".utf8))
        #expect(chmod(target, 0o640) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "target.onnx")
        _ = try await daemon.client.download(ExportModel("resnet", format: "onnx"), to: link)
        var status = stat()
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(target, &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(FileManager.default.contents(atPath: target) == content)

        let pipe = "\(folder)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = Task.detached {
            FileHandle(forReadingAtPath: pipe)?.readDataToEndOfFile()
        }
        let bytes = try await daemon.client.download(
            ExportModel("resnet", format: "onnx"), to: pipe)
        #expect(bytes == Int64(content.count))
        #expect(await reader.value == content)
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        await #expect(throws: ControlError.self) {
            try await daemon.client.download(ExportModel("resnet", format: "onnx"), to: folder)
        }
    }

    @Test("of several uploads of one name one is taken, and its folder stays")
    func sameName() async throws {
        try await withDaemon { daemon in
            let file = "\(daemon.folder)/resnet.onnx"
            makeFile(file, Data("onnx".utf8))
            let codes = await withTaskGroup(of: String.self) { tasks in
                for _ in 0..<4 {
                    tasks.addTask {
                        do {
                            _ = try await daemon.client.upload(
                                ImportModel(originalName: "resnet.onnx"), from: file)
                            return "taken"
                        } catch {
                            return (error as? ControlError)?.code ?? "\(error)"
                        }
                    }
                }
                return await tasks.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(codes == ["model.exists", "model.exists", "model.exists", "taken"])
            let model = try await daemon.client.send(ShowModel("resnet")).model
            #expect(model.formats.contains("onnx"))
            _ = try await daemon.client.send(RemoveModel("resnet"))
        }
    }

    @Test("a file that is no model leaves nothing behind but the worker's words")
    func noModel() async throws {
        try await withDaemon { daemon in
            let file = "\(daemon.folder)/bad.onnx"
            makeFile(file, Data("bad!".utf8))
            do {
                _ = try await daemon.client.upload(
                    ImportModel(originalName: "bad.onnx"), from: file)
                Issue.record("a file that is no model was taken")
            } catch let error as ControlError {
                #expect(error.code == "import.not_a_model")
                #expect(error.message == "that is no model")
            }
            #expect(try await daemon.client.send(ListModels()).models.isEmpty)
            do {
                _ = try await daemon.client.upload(
                    ImportModel(originalName: "x.onnx", name: "../x"), from: file)
                Issue.record("a path was taken for a name")
            } catch let error as ControlError {
                #expect(error.code == "model.name_malformed")
            }
        }
    }

    @Test("plan and evaluate give the worker's answer")
    func workers() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            let plan = try await daemon.client.send(PlanJob(recipe: TestDaemon.recipe())).plan
            #expect(plan["layers"] == .integer(3))
            _ = try await daemon.enqueue()
            try await daemon.wait("j1", until: .succeeded)
            let evaluation = try await daemon.client.send(
                EvaluateModel(model: "job", dataset: "k"))
            #expect(evaluation.metrics == ["accuracy": 0.5])
            #expect(evaluation.split == "test")
            #expect(evaluation.report["confusion"] != nil)
        }
    }
}
