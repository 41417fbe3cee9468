import Batching
import Execution
import Graphs
import Modalities
import Objectives
import Tensors

/// What a frozen teacher computes for one batch of images: the tensors that are asked for, and no more.
struct TeacherGraph {
    /// Images of one call.
    static let batch = 32
    static let image = "image"

    let graph: Graph
    /// What is asked, in a fixed order.
    let fields: [TargetCache.Field]
    /// For each field its shape without the batch.
    let shapes: [Shape]
    /// Values of one image.
    let imageCount: Int

    /// - Parameters:
    ///   - grid: sides of the student's last map; a larger last map of the teacher is averaged to it.
    ///   - taps: the teacher's tensors that are asked for.
    /// - Throws: `DistillationError` for logits of a teacher that has none, `GraphError.unknownName`.
    init(_ model: LoadedModel, grid: (height: Int, width: Int), taps: Set<String>) throws {
        let built = try model.inferenceGraph(batch: TeacherGraph.batch)
        var graph = Graph()
        let side = model.document.inputSize
        let shape: Shape = [TeacherGraph.batch, model.plugin.channels, side, side]
        let input = try graph.input(TeacherGraph.image, shape)
        let values = try graph.inline(built, inputs: [model.document.modality: input])
        var fields: [TargetCache.Field] = []
        var shapes: [Shape] = []
        for tap in taps.sorted() {
            var value = try TeacherGraph.value(tap, values, model, graph)
            let found = graph.shape(of: value)
            if tap == "features", found.rank == 4, found[2] >= grid.height, found[3] >= grid.width {
                value = try graph.averagePool(
                    value, toHeight: grid.height, width: grid.width)
            }
            graph.output(TeacherGraph.output(tap), value)
            shapes.append(Shape(Array(graph.shape(of: value).dimensions.dropFirst())))
            fields.append(.init(name: tap, count: shapes[shapes.count - 1].count))
        }
        self.graph = graph
        self.fields = fields
        self.shapes = shapes
        imageCount = shape.count / TeacherGraph.batch
    }

    /// What the graph calls the output of a tap.
    static func output(_ tap: String) -> String { "answer.\(tap)" }

    private static func value(
        _ tap: String, _ values: [String: Value], _ model: LoadedModel, _ graph: Graph
    ) throws -> Value {
        if let value = values[tap] { return value }
        if tap == "logits" {
            throw DistillationError(
                "teacher.no_logits",
                "teacher `\(model.document.name)` has no classifier, but an objective reads its logits",
                hint: "leave the response objectives out of the recipe")
        }
        return try graph.value(named: tap)
    }
}
