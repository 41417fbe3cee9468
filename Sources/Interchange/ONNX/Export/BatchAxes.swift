import Graphs
import Tensors

/// Finds which extents of inputs and outputs are the batch, by binding the graph to another one.
struct BatchAxes {
    private let graph: Graph
    /// The same graph for one sample more; nil where the batch is built in.
    private let other: Graph?

    init(_ graph: Graph, isOpen: Bool) {
        self.graph = graph
        var shapes: [String: Shape] = [:]
        for (name, value) in graph.inputs where graph.shape(of: value).rank > 0 {
            var shape = graph.shape(of: value)
            shape[0] += 1
            shapes[name] = shape
        }
        other = isOpen ? try? graph.rebound(inputs: shapes) : nil
    }

    func info(_ name: String, _ value: Value, isInput: Bool) -> Onnx_ValueInfoProto {
        var shape = Onnx_TensorShapeProto()
        let extents = graph.shape(of: value).dimensions
        let others = other?.shape(of: value).dimensions ?? extents
        shape.dim = zip(extents, others).map { extent, other in
            var dimension = Onnx_TensorShapeProto.Dimension()
            if extent == other {
                dimension.dimValue = Int64(extent)
            } else if other == extent + 1 {
                dimension.dimParam = "N"
            }
            // What follows the batch in another way stays open without a name.
            return dimension
        }
        var tensor = Onnx_TypeProto.Tensor()
        tensor.elemType = ElementType.float32.onnx
        tensor.shape = shape
        var type = Onnx_TypeProto()
        type.tensorType = tensor
        var info = Onnx_ValueInfoProto()
        info.name = name
        info.type = type
        return info
    }
}
