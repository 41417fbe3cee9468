import Graphs
import Tensors

/// Operators that follow the batch, in ONNX's terms: the batch is asked for while running.
enum BatchExport {
    static func broadcast(
        _ broadcast: BroadcastTo, _ node: Node, _ export: GraphExport
    ) throws {
        let x = try export.name(node.inputs[0])
        var batch: String?
        if broadcast.followsBatch { batch = try size(of: node.inputs[1], node, export) }
        let pieces = broadcast.extents.map { extent -> String in
            switch extent {
            // Beside a 1 Expand keeps what there is.
            case .keep: return export.integers([1])
            case .size(let size): return export.integers([size])
            case .batch(let times):
                guard let batch, times != 1 else { return batch ?? export.integers([1]) }
                return export.step("Mul", [batch, export.integers([times])], of: node)
            }
        }
        let shape =
            pieces.isEmpty
            ? export.integers([])
            : export.step("Concat", pieces, [.integer("axis", 0)], of: node)
        export.emit("Expand", [x, shape], as: export.resultName(node))
    }

    static func index(_ node: Node, _ export: GraphExport) throws {
        let zero = export.integers([0])
        let ends = try [zero, size(of: node.inputs[0], node, export), export.integers([1])].map {
            export.step("Squeeze", [$0, zero], of: node)
        }
        let range = export.step("Range", ends, of: node)
        let to = Onnx_AttributeProto.integer("to", Int(ElementType.float32.onnx))
        export.emit("Cast", [range], [to], as: export.resultName(node))
    }

    /// The first extent of a value, as a list of one.
    private static func size(
        of value: Value, _ node: Node, _ export: GraphExport
    ) throws -> String {
        let shape = export.step("Shape", [try export.name(value)], of: node)
        return export.step("Gather", [shape, export.integers([0])], of: node)
    }
}
