import Batching
import Execution
import Graphs
import Interchange
import Modalities
import Objectives
import Tensors

/// What a frozen teacher computes for one batch of images: the tensors that are asked for, and no more.
struct TeacherGraph {
    /// Images of one call.
    static let batch = 32
    static let image = "image"
    /// Changes with what a tap's name means.
    static let tapVersion = 3

    let graph: Graph
    /// What is asked, in a fixed order.
    let fields: [TargetCache.Field]
    /// For each field its shape without the batch.
    let shapes: [Shape]
    /// The shapes that the taps have before they are averaged.
    let ownShapes: [String: Shape]
    /// Values of one image.
    let imageCount: Int

    /// - Parameters:
    ///   - taps: the teacher's tensors that are asked for.
    ///   - grids: of the maps among them the sides that are enough; a larger map is averaged to them.
    /// - Throws: `DistillationError` for logits of a teacher that has none, `GraphError.unknownName`.
    init(
        _ model: LoadedModel, taps: Set<String>, grids: [String: (height: Int, width: Int)]
    ) throws {
        let built = try model.inferenceGraph(batch: TeacherGraph.batch)
        var graph = Graph()
        let side = model.document.inputSize
        let shape: Shape = [TeacherGraph.batch, model.plugin.channels, side, side]
        let input = try graph.input(TeacherGraph.image, shape)
        let values = try graph.inline(built, inputs: [model.document.modality: input])
        var fields: [TargetCache.Field] = []
        var shapes: [Shape] = []
        var ownShapes: [String: Shape] = [:]
        for tap in taps.sorted() {
            var value = try TeacherGraph.value(tap, values, model, &graph)
            let found = graph.shape(of: value)
            ownShapes[tap] = Shape(Array(found.dimensions.dropFirst()))
            if found.rank == 4, let grid = grids[tap] {
                value = try graph.averagePool(
                    value, toHeight: min(found[2], grid.height), width: min(found[3], grid.width))
            }
            graph.output(TeacherGraph.output(tap), value)
            shapes.append(Shape(Array(graph.shape(of: value).dimensions.dropFirst())))
            fields.append(.init(name: tap, count: shapes[shapes.count - 1].count))
        }
        self.graph = graph
        self.fields = fields
        self.shapes = shapes
        self.ownShapes = ownShapes
        imageCount = shape.count / TeacherGraph.batch
    }

    /// What the graph calls the output of a tap.
    static func output(_ tap: String) -> String { "answer.\(tap)" }

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
