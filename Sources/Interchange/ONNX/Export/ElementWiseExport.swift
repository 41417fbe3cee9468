import Graphs
import Tensors

/// Element-wise operators in ONNX's terms.
enum ElementWiseExport {
    /// An operator that takes the same operands in ONNX.
    static func plain(
        _ kind: String, _ node: Node, _ export: GraphExport,
        _ attributes: [Onnx_AttributeProto] = []
    ) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        export.emit(kind, inputs, attributes, as: export.resultName(node))
    }

    static func unary(_ function: Unary.Function, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let y = export.resultName(node)
        switch function {
        case .negate: export.emit("Neg", [x], as: y)
        case .exp: export.emit("Exp", [x], as: y)
        case .logarithm: export.emit("Log", [x], as: y)
        case .squareRoot: export.emit("Sqrt", [x], as: y)
        case .reciprocal: export.emit("Reciprocal", [x], as: y)
        case .absolute: export.emit("Abs", [x], as: y)
        case .square: export.emit("Mul", [x, x], as: y)
        case .tanh: export.emit("Tanh", [x], as: y)
        case .sigmoid: export.emit("Sigmoid", [x], as: y)
        case .step: truth("Greater", [x, export.scalar(0)], node, export)
        case .sign: export.emit("Sign", [x], as: y)
        case .softplus: export.emit("Softplus", [x], as: y)
        case .erf: export.emit("Erf", [x], as: y)
        case .gelu:
            // x / 2 (1 + erf(x / sqrt 2)): Gelu itself is younger than operator set 17.
            let scaled = export.step("Mul", [x, export.scalar(0.5.squareRoot())], of: node)
            let bent = export.step("Erf", [scaled], of: node)
            let raised = export.step("Add", [bent, export.scalar(1)], of: node)
            let half = export.step("Mul", [x, export.scalar(0.5)], of: node)
            export.emit("Mul", [half, raised], as: y)
        case .silu:
            export.emit("Mul", [x, export.step("Sigmoid", [x], of: node)], as: y)
        case .hardSigmoid:
            export.emit(
                "HardSigmoid", [x], [.number("alpha", 1.0 / 6), .number("beta", 0.5)], as: y)
        case .hardSwish: export.emit("HardSwish", [x], as: y)
        }
    }

    static func binary(_ function: Binary.Function, _ node: Node, _ export: GraphExport) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        switch function {
        case .add: try plain("Add", node, export)
        case .subtract: try plain("Sub", node, export)
        case .multiply: try plain("Mul", node, export)
        case .divide: try plain("Div", node, export)
        case .maximum: try plain("Max", node, export)
        case .minimum: try plain("Min", node, export)
        case .power: try plain("Pow", node, export)
        case .greater: truth("Greater", inputs, node, export)
        case .equal: truth("Equal", inputs, node, export)
        }
    }

    static func affine(_ affine: Affine, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let y = export.resultName(node)
        switch (affine.scale, affine.offset) {
        case (1, let offset): export.emit("Add", [x, export.scalar(offset)], as: y)
        case (let scale, 0): export.emit("Mul", [x, export.scalar(scale)], as: y)
        case (let scale, let offset):
            let scaled = export.step("Mul", [x, export.scalar(scale)], of: node)
            export.emit("Add", [scaled, export.scalar(offset)], as: y)
        }
    }

    static func clip(_ clip: Clip, _ node: Node, _ export: GraphExport) throws {
        var inputs = [try export.name(node.inputs[0])]
        inputs.append(clip.minimum == -.infinity ? "" : export.scalar(clip.minimum))
        if clip.maximum != .infinity { inputs.append(export.scalar(clip.maximum)) }
        export.emit("Clip", inputs, as: export.resultName(node))
    }

    static func select(_ node: Node, _ export: GraphExport) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        let isZero = export.step("Equal", [inputs[0], export.scalar(0)], of: node)
        // Where the condition is zero, the second choice holds.
        export.emit("Where", [isZero, inputs[2], inputs[1]], as: export.resultName(node))
    }

    /// A comparison, its booleans turned into 0 and 1.
    private static func truth(
        _ kind: String, _ inputs: [String], _ node: Node, _ export: GraphExport
    ) {
        let flags = export.step(kind, inputs, of: node)
        let to = Onnx_AttributeProto.integer("to", Int(ElementType.float32.onnx))
        export.emit("Cast", [flags], [to], as: export.resultName(node))
    }
}
