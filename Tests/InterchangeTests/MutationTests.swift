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

    private static let isAlone =
        ProcessInfo.processInfo.environment["DISTILL_MUTATIONS"] != nil

    /// A seed that was printed, to see the same files again: DISTILL_MUTATION_SEED.
    private static let seed =
        ProcessInfo.processInfo.environment["DISTILL_MUTATION_SEED"].flatMap(UInt64.init)

    /// Reads as many damaged files as are asked for.
    ///
    /// - Throws: whatever `read` throws beside `InterchangeError`.
    private func run(
        _ name: String, seed known: UInt64? = nil,
        _ mutate: (Int, inout SeededGenerator) -> Data, _ read: (Data) throws -> Void
    ) throws {
        let seed = known ?? Self.seed ?? UInt64.random(in: 0...UInt64.max)
        print("mutations of \(name): seed \(seed)")
        // A crash must not take the seed with it.
        fflush(nil)
        var generator = SeededGenerator(seed: seed)
        var whole = 0
        var slowest: (time: Duration, index: Int) = (.zero, 0)
        for index in 0..<Self.count {
            let data = mutate(index, &generator)
            let time = try ContinuousClock().measure {
                do {
                    try read(data)
                    whole += 1
                } catch is InterchangeError {}
            }
            if time > slowest.time { slowest = (time, index) }
        }
        print(
            "mutations of \(name): \(Self.count), \(whole) still readable, the slowest "
                + "\(slowest.index) in \(slowest.time)")
        // Other suites of one process may well take more.
        if Self.isAlone { #expect(try residentPeak() < 4 << 30, "seed \(seed)") }
    }

    private func run(_ name: String, _ sources: [Data], _ read: (Data) throws -> Void) throws {
        try run(name, { Mutation.bytes(sources[$0 % sources.count], &$1) }, read)
    }

    /// The most memory that this process ever had, in bytes.
    private func residentPeak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) })
            * 1024
    }

    /// A folder with data beside a model, and data that no model may reach.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let outer = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let folder = outer.appendingPathComponent("model")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: outer) }
        func write(_ value: Float, _ url: URL) throws {
            let floats = [Float](repeating: value, count: 4096)
            try floats.withUnsafeBytes { try Data($0).write(to: url) }
        }
        try write(0.5, folder.appendingPathComponent("weights.bin"))
        try write(Self.secret, outer.appendingPathComponent("secret.bin"))
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("link.bin"),
            withDestinationURL: outer.appendingPathComponent("secret.bin"))
        try body(folder)
    }

    private static let secret: Float = 1234.5

    private static func students() throws -> [Data] {
        try [SmallGraphs.student(batch: 1), SmallGraphs.everything(batch: 1)].map {
            try ONNXExporter().encode($0, states: SmallGraphs.states($0))
        }
    }

    @Test func damagedModels() throws {
        try run("ONNX", Self.students()) { data in
            let model = try ONNXImporter().model(from: data, file: "damaged.onnx")
            _ = try? model.rebound(batch: 3)
        }
    }

    /// Files that are whole but say what cannot be.
    @Test func contradictoryModels() throws {
        let models = try Self.students().map { try #require(WireMessage($0, kind: .model)) }
        try withFolder { folder in
            try run("what ONNX says", { Mutation.meaning(models[$0 % models.count], &$1) }) {
                let model = try ONNXImporter().model(from: $0, file: "wrong.onnx", folder: folder)
                _ = try? model.rebound(batch: 3)
                #expect(!model.states.values.contains { $0.values.first == Self.secret })
            }
        }
    }

    @Test func wholeFilesStayTheSameByteForByte() throws {
        for data in try Self.students() {
            #expect(try #require(WireMessage(data, kind: .model)).data == data)
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
        let models = sources.compactMap { WireMessage($0, kind: .model) }
        // With the known seed one file is written for 2^32 samples of no values.
        for seed: UInt64? in [nil, 673_941_475_961_708_742] {
            try run(
                "what node cases say", seed: seed,
                { Mutation.meaning(models[$0 % models.count], &$1) }, readAndRun)
        }
    }

    private func readAndRun(_ data: Data) throws {
        let options = ImportOptions(elementLimit: 1 << 20)
        let model = try ONNXImporter(options).model(from: data)
        _ = try? model.rebound(batch: 3)
        if let port = model.inputs.first, port.shape.rank > 0 {
            var wide = options
            wide.shapes[port.name] = Shape([2] + port.shape.dimensions.dropFirst())
            _ = try? ONNXImporter(wide).model(from: data)
        }
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
