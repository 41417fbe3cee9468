import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Each way in which a file can be wrong has its own answer.
@Suite struct MalformedModelTests {
    private func failure(_ model: HandmadeModel) throws -> InterchangeError {
        try #require(
            #expect(throws: InterchangeError.self) {
                try ONNXImporter().model(from: model.data, file: "m.onnx")
            })
    }

    @Test func cyclesAreNamed() throws {
        var model = HandmadeModel()
        model.input("x", [1, 2])
        model.node("Add", ["x", "b"], ["a"], name: "first")
        model.node("Relu", ["a"], ["b"], name: "second")
        model.output("b")
        let error = try failure(model)
        #expect(error.code == .malformed)
        #expect(error.file == "m.onnx")
        #expect(error.message.contains("depends on itself"))
    }

    @Test func danglingAndDuplicateNamesAreNamed() throws {
        var dangling = HandmadeModel()
        dangling.node("Relu", ["nowhere"], ["y"], name: "relu")
        dangling.output("y")
        #expect(try failure(dangling).message.contains("'nowhere'"))
        var duplicate = HandmadeModel()
        duplicate.input("x", [1])
        duplicate.node("Relu", ["x"], ["y"])
        duplicate.node("Neg", ["x"], ["y"], name: "again")
        duplicate.output("y")
        #expect(try failure(duplicate).node == "again")
        var missing = HandmadeModel()
        missing.input("x", [1])
        missing.output("y")
        #expect(try failure(missing).node == "y")
    }

    @Test func nodesMayStandInAnyOrder() throws {
        var model = HandmadeModel()
        model.input("x", [1, 2])
        model.node("Neg", ["a"], ["y"])
        model.node("Relu", ["x"], ["a"])
        model.output("y")
        var interpreter = Interpreter(try ONNXImporter().model(from: model.data).graph)
        let found = try interpreter.run(["x": Tensor(shape: [1, 2], values: [-1, 3])])
        #expect(found["y"]?.values == [0, -3])
    }

    /// What is known has a place in the graph and is folded as well.
    @Test func knownValuesMayBeUsedTwice() throws {
        var model = HandmadeModel()
        model.input("x", [1, 2])
        model.initializer("w", [1], bytes: Data([0, 0, 0x80, 0x3F]))
        model.node("Neg", ["x"], ["a"])
        model.node("Add", ["a", "w"], ["b"])
        model.node("Shape", ["w"], ["s"])
        model.node("Reshape", ["w", "s"], ["r"])
        model.node("Add", ["b", "r"], ["y"])
        model.output("y")
        let known = try ONNXImporter().model(from: model.data)
        var interpreter = Interpreter(
            known.graph, states: known.states.mapValues { $0.map(Double.init) })
        let found = try interpreter.run(["x": Tensor(shape: [1, 2], values: [-1, 3])])
        #expect(found["y"]?.values == [3, -1])
    }

    @Test func everyUnsupportedNodeIsNamedAtOnce() throws {
        var model = HandmadeModel()
        model.input("x", [1, 2])
        model.node("Frobnicate", ["x"], ["a"], name: "one")
        model.node("Relu", ["a"], ["b"], name: "two")
        model.node("Defenestrate", ["b"], ["y"], name: "three")
        model.output("y")
        let error = try failure(model)
        #expect(error.code == .unsupported)
        for name in ["one (Frobnicate)", "three (Defenestrate)"] {
            #expect(error.message.contains(name))
        }
        #expect(!error.message.contains("two"))
    }

    @Test func anUnknownAttributeIsNotPassedOver() throws {
        var model = HandmadeModel()
        model.input("x", [1, 2])
        model.node("Relu", ["x"], ["y"], name: "relu", integers: ["twist": [1]])
        model.output("y")
        let error = try failure(model)
        #expect(error.code == .unsupported)
        #expect(error.message.contains("twist"))
    }

    @Test func hugeClaimsCostNothing() throws {
        var huge = HandmadeModel()
        huge.initializer("w", [1 << 40, 1 << 40], bytes: Data(count: 4))
        huge.node("Relu", ["w"], ["y"])
        huge.output("y")
        #expect(try failure(huge).code == .tooLarge)
        var short = HandmadeModel()
        short.initializer("w", [1000, 1000], bytes: Data(count: 4))
        short.node("Relu", ["w"], ["y"])
        short.output("y")
        #expect(try failure(short).code == .malformed)
        var wide = HandmadeModel()
        wide.input("a", [1 << 20, 1])
        wide.input("b", [1, 1 << 20])
        wide.node("Add", ["a", "b"], ["y"])
        wide.output("y")
        #expect(try failure(wide).code == .tooLarge)
        // A million empty nodes in two megabytes would take hundreds in memory.
        var many = Data()
        for _ in 0..<4_100_000 { many.append(contentsOf: [0x0A, 0]) }
        let data = HandmadeModel.field(7, many)
        let error = #expect(throws: InterchangeError.self) { try ONNXImporter().model(from: data) }
        #expect(error?.code == .tooLarge)
    }

    @Test func openExtentsMustBeGiven() throws {
        var model = HandmadeModel()
        model.input("x", [nil, 3, nil, nil])
        model.node("Relu", ["x"], ["y"])
        model.output("y")
        let error = try failure(model)
        #expect(error.code == .unbound)
        #expect(error.node == "x")
        let options = ImportOptions(shapes: ["x": [2, 3, 4, 5]])
        #expect(try ONNXImporter(options).model(from: model.data).outputs[0].shape == [2, 3, 4, 5])
        let wrong = ImportOptions(shapes: ["x": [2, 4, 4, 5]])
        #expect(throws: InterchangeError.self) { try ONNXImporter(wrong).model(from: model.data) }
    }

    @Test func externalDataStaysInItsFolder() throws {
        let outer = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let folder = outer.appendingPathComponent("model")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: outer) }
        let values = [Float(1.5), -2].flatMap { withUnsafeBytes(of: $0.bitPattern) { Array($0) } }
        try Data(values).write(to: folder.appendingPathComponent("weights.bin"))
        try Data(values).write(to: outer.appendingPathComponent("secret.bin"))
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("link.bin"),
            withDestinationURL: outer.appendingPathComponent("secret.bin"))
        func model(_ location: String) -> Data {
            var model = HandmadeModel()
            model.input("x", [1, 2])
            model.initializer("w", [2], bytes: Data(), external: location)
            model.node("Add", ["x", "w"], ["y"])
            model.output("y")
            return model.data
        }
        let good = try ONNXImporter().model(from: model("weights.bin"), folder: folder)
        #expect(good.states["w"]?.values == [1.5, -2])
        for bad in [
            "../secret.bin", "link.bin", "/etc/passwd", "", "missing.bin", ".",
            "a/../../secret.bin",
        ] {
            let error = #expect(throws: InterchangeError.self) {
                try ONNXImporter().model(from: model(bad), folder: folder)
            }
            #expect(error?.node == "w", "\(bad)")
        }
        #expect(throws: InterchangeError.self) {
            try ONNXImporter().model(from: model("weights.bin"))
        }
    }

    @Test func filesOfOtherKindsAreRefused() throws {
        for data in [
            Data(), Data("hello".utf8), Data(repeating: 0xFF, count: 100), Data(count: 64),
        ] {
            #expect(throws: InterchangeError.self) { try ONNXImporter().model(from: data) }
        }
    }
}
