import Batching
import Execution
import Graphs
import Interchange
import Modalities
import Networks
import Objectives
import Tensors

/// The frozen teacher: one inference plan of one fixed batch, padded, so that an answer never depends on
/// which other images were asked about.
final class TeacherNetwork {
    /// Images of one call.
    static let batch = 32

    let model: LoadedModel
    /// What is asked, in a fixed order.
    let fields: [TargetCache.Field]
    /// For each field its shape without the batch.
    let shapes: [Shape]
    /// The shapes that the taps have before they are averaged.
    let ownShapes: [String: Shape]

    private let plan: Plan
    private let precision: Precision
    private let imageCount: Int
    private var padded: [Float]

    /// - Parameters:
    ///   - taps: the teacher's tensors that the objectives read.
    ///   - grids: of the maps among them the sides that are enough; a larger map is averaged to them.
    init(
        _ model: LoadedModel, taps: Set<String>, grids: [String: (height: Int, width: Int)],
        threads: Int, precision: Precision
    ) throws {
        self.model = model
        self.precision = precision
        let built = try model.inferenceGraph(batch: TeacherNetwork.batch)
        var graph = Graph()
        let side = model.document.inputSize
        let shape: Shape = [TeacherNetwork.batch, model.plugin.channels, side, side]
        let input = try graph.input("image", shape)
        let values = try graph.inline(built, inputs: [model.document.modality: input])
        var fields: [TargetCache.Field] = []
        var shapes: [Shape] = []
        var ownShapes: [String: Shape] = [:]
        for tap in taps.sorted() {
            var value = try TeacherNetwork.value(tap, values, model, &graph)
            let found = graph.shape(of: value)
            ownShapes[tap] = Shape(Array(found.dimensions.dropFirst()))
            if found.rank == 4, let grid = grids[tap] {
                value = try graph.averagePool(
                    value, toHeight: min(found[2], grid.height), width: min(found[3], grid.width))
            }
            graph.output("answer.\(tap)", value)
            shapes.append(Shape(Array(graph.shape(of: value).dimensions.dropFirst())))
            fields.append(.init(name: tap, count: shapes[shapes.count - 1].count))
        }
        self.fields = fields
        self.shapes = shapes
        self.ownShapes = ownShapes
        let store = StateStore()
        try model.load(into: store, for: graph)
        plan = try CPUExecutor().compile(
            graph, store: store,
            options: PlanOptions(
                threads: threads, label: "teacher", inference: true, precision: precision))
        imageCount = shape.count / TeacherNetwork.batch
        padded = [Float](repeating: 0, count: shape.count)
    }

    /// Side of the square images it looks at.
    var size: Int { model.document.inputSize }

    /// What its answers depend on, for cache keys.
    var identity: [String: String] {
        let preprocessing =
            model.document.preprocessing.map { "\($0)" }
            ?? model.document.network.map { "\($0.encoding.name) \($0.encoding.version)" }
        return [
            "teacher": model.document.digest, "input": "\(size)",
            "decoder": model.plugin.decoderVersion + " " + model.plugin.viewVersion,
            "preprocessing": preprocessing ?? "", "precision": precision.rawValue,
            "shapes": shapes.map(\.description).joined(separator: " "),
        ]
    }

    /// Answers up to `batch` images.
    ///
    /// - Parameter images: `[count, channels, size, size]`, physical values.
    /// - Returns: one array a field, `[count, field]`.
    func answer(_ images: UnsafeBufferPointer<Float>) throws -> [[Float]] {
        let count = images.count / imageCount
        precondition(count <= TeacherNetwork.batch && count * imageCount == images.count)
        for index in padded.indices { padded[index] = index < images.count ? images[index] : 0 }
        try padded.withUnsafeBufferPointer { try plan.feed("image", values: $0) }
        try plan.run()
        return try fields.map { field in
            try plan.withOutput("answer.\(field.name)") { Array($0.prefix(count * field.count)) }
        }
    }

    private static func value(
        _ tap: String, _ values: [String: Value], _ model: LoadedModel, _ graph: inout Graph
    ) throws -> Value {
        let isOutput = ["logits", "features", "pooled"].contains(tap)
        if let value = values[tap] { return isOutput ? value : try graph.comparable(value) }
        if tap == "logits" {
            throw DistillationError(
                "teacher.no_logits",
                "teacher `\(model.document.name)` has no classifier, but an objective reads its logits",
                hint: "leave the response objectives out of the recipe")
        }
        do {
            return try graph.comparable(graph.value(named: tap))
        } catch let error as GraphError where error.code == .unknownName {
            throw DistillationError(
                "teacher.unknown_tap",
                "teacher `\(model.document.name)` has no `\(tap)`: \(error.message)",
                hint: "`distillctl models show \(model.document.name)` lists what can be tapped")
        }
    }
}
