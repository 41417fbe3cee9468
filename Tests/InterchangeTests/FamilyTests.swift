import Execution
import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// Where `Tests/Fixtures/onnx_families.py` wrote its models.
enum FamilyData {
    static let root = ProcessInfo.processInfo.environment["DISTILL_ONNX_FAMILIES"].map {
        URL(fileURLWithPath: $0)
    }

    static var families: [String] {
        guard let root else { return [] }
        let names = try? FileManager.default.contentsOfDirectory(atPath: root.path)
        return (names ?? []).sorted()
    }
}

/// Models of the common image families as their exporters write them, against onnxruntime.
@Suite(.enabled(if: FamilyData.root != nil), .serialized) struct FamilyTests {
    @Test(arguments: FamilyData.families)
    func agreesWithOnnxruntime(_ family: String) throws {
        let folder = try #require(FamilyData.root).appendingPathComponent(family)
        for export in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let files = folder.appendingPathComponent(export)
            let last = files.appendingPathComponent("y3.npy").path
            // The exporter itself may have refused.
            guard FileManager.default.fileExists(atPath: last) else { continue }
            do {
                let (error, slow) = try check(files)
                print(
                    "\(family) \(export): largest error \(error), slow \(slow), "
                        + "\(try teacherTaps(files))")
                // Whoever follows the run through a pipe wants to see it.
                fflush(nil)
                #expect(error <= 1e-4, "\(family) \(export)")
            } catch {
                Issue.record("\(family) \(export): \(error)")
            }
        }
    }

    /// The largest error, as a part of the largest output, over three ways to a batch: given with the
    /// inputs, by another import, by binding the graph to it.
    private func check(_ files: URL) throws -> (error: Double, slow: [String: Int]) {
        let url = files.appendingPathComponent("model.onnx")
        var largest = 0.0
        var slow: [String: Int] = [:]
        for batch in [2, 3] {
            let x = try NumPyFile.read(files.appendingPathComponent("x\(batch).npy"))
            let y = try NumPyFile.read(files.appendingPathComponent("y\(batch).npy"))
            let runner = try ModelRunner(at: url, inputs: ["x": x])
            var models = [runner.model]
            if batch == 3 {
                models.append(try ONNXImporter().model(at: url).rebound(batch: batch))
            }
            for model in models {
                let (found, kinds) = try run(model, runner.feeds)
                slow = kinds
                let scale = y.values.values.reduce(0) { max($0, abs($1)) }
                #expect(found.shape == y.shape)
                for (a, b) in zip(found.values, y.values.values) {
                    let error = abs(Double(a) - b) / scale
                    largest = error.isNaN ? .infinity : max(largest, error)
                }
            }
        }
        return (largest, slow)
    }

    /// What students follow: class scores, and a map which must have rows and columns.
    private func teacherTaps(_ files: URL) throws -> String {
        let model = try ONNXImporter().model(at: files.appendingPathComponent("model.onnx"))
        // The values themselves are no part of what a failure prints: they hold the model's weights.
        let features = model.features.map { model.graph.shape(of: $0) } ?? []
        let isMap = features.rank == 4 && features[2] * features[3] > 1
        #expect(isMap, "\(features)")
        let logits = model.logits.map { model.graph.shape(of: $0).description } ?? "none"
        return "logits \(logits), map \(features)"
    }

    private func run(
        _ model: ImportedModel, _ feeds: [String: Tensor<Double>]
    ) throws -> (Tensor<Float>, [String: Int]) {
        let store = StateStore()
        try store.declare(statesOf: model.graph, seed: 0)
        let plan = try CPUExecutor().compile(
            model.graph, store: store, options: PlanOptions(inference: true))
        for (name, tensor) in feeds { try plan.feed(name, tensor.map { Float($0) }) }
        try plan.run()
        var slow: [String: Int] = [:]
        for name in plan.report.slowNodes {
            slow[
                String(name.split(separator: "(").last ?? "").replacing(")", with: ""), default: 0] +=
                1
        }
        return (try plan.read(model.outputs[0].name), slow)
    }
}
