import Graphs
import Tensors

/// Reductions and moves of elements in ONNX's terms.
enum ShapeExport {
    static func reduce(_ reduce: Reduce, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let y = export.resultName(node)
        let rank = export.graph.shape(of: node.inputs[0]).rank
        let axes = reduce.axes.isEmpty ? Array(0..<rank) : reduce.axes
        let keeps = Onnx_AttributeProto.integer("keepdims", reduce.keepDimensions ? 1 : 0)
        if axes.isEmpty {
            export.emit("Identity", [x], as: y)
            return
        }
        switch reduce.function {
        case .sum: export.emit("ReduceSum", [x, export.integers(axes)], [keeps], as: y)
        case .mean: export.emit("ReduceMean", [x], [.integers("axes", axes), keeps], as: y)
        case .maximum: export.emit("ReduceMax", [x], [.integers("axes", axes), keeps], as: y)
        case .minimum: export.emit("ReduceMin", [x], [.integers("axes", axes), keeps], as: y)
        }
    }

    static func reshape(_ reshape: Reshape, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let y = export.resultName(node)
        let rank = export.graph.shape(of: node.inputs[0]).rank
        var extents: [Int] = []
        /// Places of extents that are copied from elsewhere: ONNX copies only in place.
        var moved: [(place: Int, source: Int)] = []
        for (place, dimension) in reshape.dimensions.enumerated() {
            switch dimension {
            case .size(let extent): extents.append(extent)
            case .infer: extents.append(-1)
            case .copy(let axis):
                let source = axis < 0 ? axis + rank : axis
                if source != place { moved.append((place, source)) }
                extents.append(0)
            }
        }
        let isEmptyAllowed = reshape.dimensions.contains(.size(0))
        if isEmptyAllowed {
            throw InterchangeError(
                .unsupported, node: node.name, "an empty tensor has no ONNX form")
        }
        if let only = moved.first, moved.count == 1, !extents.contains(-1) {
            extents[only.place] = -1
            moved = []
        }
        guard !moved.isEmpty else {
            export.emit("Reshape", [x, export.integers(extents)], as: y)
            return
        }
        // The shape is put together while running.
        let shape = export.step("Shape", [x], of: node)
        let pieces = reshape.dimensions.enumerated().map { place, dimension -> String in
            guard case .copy(let axis) = dimension else { return export.integers([extents[place]]) }
            let source = axis < 0 ? axis + rank : axis
            return export.step("Gather", [shape, export.integers([source])], of: node)
        }
        let joined = export.step("Concat", pieces, [.integer("axis", 0)], of: node)
        export.emit("Reshape", [x, joined], as: y)
    }

    /// Reshape or Expand to the shape of the second operand.
    static func like(_ kind: String, _ node: Node, _ export: GraphExport) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        let shape = export.step("Shape", [inputs[1]], of: node)
        export.emit(kind, [inputs[0], shape], as: export.resultName(node))
    }

    static func slice(_ slice: Slice, _ node: Node, _ export: GraphExport) throws {
        var end = Int.max
        if let length = slice.length {
            end = slice.start + length
            // From the back, an end of 0 would be the front.
            if slice.start < 0 && end >= 0 { end = .max }
        }
        let x = try export.name(node.inputs[0])
        export.emit(
            "Slice",
            [
                x, export.integers([slice.start]), export.integers([end]),
                export.integers([slice.axis]),
            ], as: export.resultName(node))
    }

    static func pad(_ pad: Pad, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        export.emit(
            "Pad", [x, export.integers(pad.before + pad.after), export.scalar(pad.value)],
            [.text("mode", "constant")], as: export.resultName(node))
    }

    static func resize(_ resize: Resize, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let attributes: [Onnx_AttributeProto]
        switch resize.mode {
        case .bilinear:
            attributes = [
                .text("coordinate_transformation_mode", "half_pixel"), .text("mode", "linear"),
            ]
        case .nearest:
            attributes = [
                .text("coordinate_transformation_mode", "asymmetric"), .text("mode", "nearest"),
                .text("nearest_mode", "floor"),
            ]
        }
        switch resize.target {
        case .scale(let height, let width):
            let scales = export.floats([1, 1, height, width])
            export.emit("Resize", [x, "", scales], attributes, as: export.resultName(node))
        case .size(let height, let width):
            // The batch is taken from the input, so that it stays open.
            let shape = export.step("Shape", [x], of: node)
            let leading = export.step(
                "Slice", [shape, export.integers([0]), export.integers([2])], of: node)
            let sizes = export.step(
                "Concat", [leading, export.integers([height, width])], [.integer("axis", 0)],
                of: node)
            export.emit("Resize", [x, "", "", sizes], attributes, as: export.resultName(node))
        }
    }

    static func gather(_ gather: Gather, _ node: Node, _ export: GraphExport) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        let indices = export.step(
            "Cast", [inputs[1]], [.integer("to", Int(ElementType.int64.onnx))], of: node)
        export.emit(
            "Gather", [inputs[0], indices], [.integer("axis", gather.axis)],
            as: export.resultName(node))
    }

    static func argMax(_ best: ArgMax, _ node: Node, _ export: GraphExport) throws {
        let x = try export.name(node.inputs[0])
        let index = export.step(
            "ArgMax", [x],
            [.integer("axis", best.axis), .integer("keepdims", best.keepDimensions ? 1 : 0)],
            of: node)
        export.emit(
            "Cast", [index], [.integer("to", Int(ElementType.float32.onnx))],
            as: export.resultName(node))
    }
}
