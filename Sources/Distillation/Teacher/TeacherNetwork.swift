import Batching
import Execution
import Graphs
import Modalities
import Networks
import Tensors

/// The frozen teacher: one inference plan of one fixed batch, padded, so that an answer never depends on
/// which other images were asked about.
final class TeacherNetwork {
    /// Images of one call.
    static let batch = TeacherGraph.batch

    let model: LoadedModel
    /// What is asked, in a fixed order.
    var fields: [TargetCache.Field] { graph.fields }
    /// For each field its shape without the batch.
    var shapes: [Shape] { graph.shapes }
    /// The shapes that the taps have before they are averaged.
    var ownShapes: [String: Shape] { graph.ownShapes }
    /// What it computes in.
    let precision: Precision

    private let graph: TeacherGraph
    private let plan: Plan
    private var padded: [Float]

    /// - Parameter quantization: what bytes are worth, where `precision` is int8.
    init(
        _ model: LoadedModel, _ graph: TeacherGraph, threads: Int, precision: Precision,
        quantization: Quantization? = nil
    ) throws {
        self.model = model
        self.graph = graph
        self.precision = precision
        let store = StateStore()
        try model.load(into: store, for: graph.graph)
        plan = try CPUExecutor().compile(
            graph.graph, store: store,
            options: PlanOptions(
                threads: threads, label: "teacher", inference: true, precision: precision,
                quantization: quantization))
        padded = [Float](repeating: 0, count: TeacherNetwork.batch * graph.imageCount)
    }

    /// Side of the square images it looks at.
    var size: Int { model.document.inputSize }

    /// What its answers depend on, for cache keys.
    var identity: [String: String] {
        var identity = TeacherNetwork.identity(of: model, graph)
        identity["precision"] = precision.identity
        if let quantization = plan.options.quantization {
            identity["quantization"] = FileDigest.sha256(text: quantization.identity)
        }
        return identity
    }

    /// The part of it that does not depend on what the teacher computes in.
    static func identity(of model: LoadedModel, _ graph: TeacherGraph) -> [String: String] {
        let preprocessing =
            model.document.preprocessing.map { "\($0)" }
            ?? model.document.network.map {
                "\($0.encoding.name) \($0.encoding.version) "
                    + ($0.encoding.focal.map { "\($0.x) \($0.y)" } ?? "")
            }
        return [
            "teacher": model.document.digest, "input": "\(model.document.inputSize)",
            "decoder": model.plugin.decoderVersion + " " + model.plugin.viewVersion,
            "preprocessing": preprocessing ?? "",
            "reading": model.document.reading.map { "\($0)" } ?? "",
            "taps": "\(TeacherGraph.tapVersion)",
            "shapes": graph.shapes.map(\.description).joined(separator: " "),
        ]
    }

    /// Answers up to `batch` images.
    ///
    /// - Parameter images: `[count, channels, size, size]`, physical values.
    /// - Returns: one array a field, `[count, field]`.
    func answer(_ images: UnsafeBufferPointer<Float>) throws -> [[Float]] {
        let count = images.count / graph.imageCount
        precondition(count <= TeacherNetwork.batch && count * graph.imageCount == images.count)
        for index in padded.indices { padded[index] = index < images.count ? images[index] : 0 }
        try padded.withUnsafeBufferPointer { try plan.feed(TeacherGraph.image, values: $0) }
        try plan.run()
        return try fields.map { field in
            try plan.withOutput(TeacherGraph.output(field.name)) {
                Array($0.prefix(count * field.count))
            }
        }
    }

    /// Computes what was last asked once more, for measuring how long that takes.
    func repeatAnswer() throws { try plan.run() }
}
