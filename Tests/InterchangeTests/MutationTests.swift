import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Damaged files give an error or a model, never a crash or endless memory.
@Suite struct MutationTests {
    /// How many damaged files each test reads; DISTILL_MUTATIONS asks for more.
    private static let count =
        ProcessInfo.processInfo.environment["DISTILL_MUTATIONS"].flatMap(Int.init) ?? 3000

    private func mutated(_ data: Data, _ generator: inout SeededGenerator) -> Data {
        var bytes = [UInt8](data)
        // Mostly changes of single values: what breaks the outer form is noticed at once and tests little.
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<24, using: &generator) {
            case 0..<10: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 10..<16: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 16..<20:
                bytes[at] = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 20: bytes.removeSubrange(at..<bytes.count)
            case 21: bytes.remove(at: at)
            case 22:
                // A huge number where a small one was.
                let end = min(at + 9, bytes.count)
                bytes.replaceSubrange(at..<end, with: [UInt8](repeating: 0xFF, count: 9) + [1])
            default:
                let other = Int.random(in: 0..<bytes.count, using: &generator)
                let room = bytes.count - max(at, other)
                let length = min(Int.random(in: 1...32, using: &generator), room)
                let piece = Array(bytes[other..<other + length])
                bytes.replaceSubrange(at..<at + length, with: piece)
            }
        }
        return Data(bytes)
    }

    private func run(_ name: String, _ sources: [Data], _ read: (Data) throws -> Void) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("mutations of \(name): seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var whole = 0
        for index in 0..<Self.count {
            let data = mutated(sources[index % sources.count], &generator)
            do {
                try read(data)
                whole += 1
            } catch is InterchangeError {}
        }
        print("mutations of \(name): \(Self.count), \(whole) still readable")
    }

    @Test func damagedModels() throws {
        var sources: [Data] = []
        for graph in [try SmallGraphs.student(batch: 1), try SmallGraphs.everything(batch: 1)] {
            sources.append(try ONNXExporter().encode(graph, states: SmallGraphs.states(graph)))
        }
        try run("ONNX", sources) { data in
            let model = try ONNXImporter().model(from: data, file: "damaged.onnx")
            _ = try? model.rebound(batch: 3)
        }
    }

    /// Small official models of every family, damaged and run.
    @Test(.enabled(if: TestData.isThere))
    func damagedNodes() throws {
        var sources: [Data] = []
        for folder in try TestData.folders("onnx-cases/node") {
            sources.append(try Data(contentsOf: folder.appendingPathComponent("model.onnx")))
        }
        try run("node cases", sources, readAndRun)
    }

    private func readAndRun(_ data: Data) throws {
        let options = ImportOptions(elementLimit: 1 << 20)
        let model = try ONNXImporter(options).model(from: data)
        _ = try? model.rebound(batch: 3)
        let isSmall = model.graph.nodes.allSatisfy { node in
            node.outputs.allSatisfy { $0.shape.count < 1 << 14 }
        }
        guard isSmall, model.graph.multiplications < 1_000_000 else { return }
        var feeds: [String: Tensor<Double>] = [:]
        for port in model.inputs { feeds[port.name] = Tensor(shape: port.shape, repeating: 1) }
        var interpreter = Interpreter(
            model.graph, states: model.states.mapValues { $0.map(Double.init) })
        do {
            _ = try interpreter.run(feeds)
        } catch is GraphError {}
    }

    /// Reads and runs every file of the folder that DISTILL_FUZZ_FOLDER names.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["DISTILL_FUZZ_FOLDER"] != nil))
    func damagedCorpus() throws {
        let folder = ProcessInfo.processInfo.environment["DISTILL_FUZZ_FOLDER"] ?? ""
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            do { try readAndRun(data) } catch is InterchangeError {}
        }
    }

    @Test func damagedSafeTensors() throws {
        let tensors = [
            "a.weight": Tensor<Float>(shape: [3, 4], repeating: 1), "b": Tensor(scalar: 2),
        ]
        let data = try SafeTensorsWriter.encode(tensors, metadata: ["k": "v"]).reduce(Data(), +)
        try run("safetensors", [data]) { data in
            let file = try SafeTensorsFile(data)
            for entry in file.entries { _ = try file.doubles(entry.name) }
        }
    }

    @Test func damagedArrays() throws {
        let array = NumPyArray(Tensor(shape: [3, 4], repeating: 1), element: .float32)
        try run("NPY", [NumPyFile.encode(array).reduce(Data(), +)]) { _ = try NumPyFile.read($0) }
    }
}
