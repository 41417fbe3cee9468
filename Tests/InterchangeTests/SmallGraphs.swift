import Graphs
import Tensors

/// Graphs with the operators of students and encodings, and numbers to feed them.
enum SmallGraphs {
    static func numbers(_ shape: Shape, seed: UInt64, from low: Double = -1) -> Tensor<Double> {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<shape.count).map { _ in
            Double(Float(low + (1 - low) * generator.uniform()))
        }
        return Tensor(shape: shape, values: values)
    }

    /// Encoding, convolution, normalisation, residual, pools, head: a student in small.
    static func student(batch: Int) throws -> Graph {
        var graph = Graph()
        let depth = try graph.input("depth", [batch, 1, 12, 10])
        let mask = try graph.add(Unary(.step), depth)
        let near = try graph.clip(depth, minimum: 0.1, maximum: 10)
        let inverse = try graph.reciprocal(near)
        let encoded = try graph.concatenate(
            [graph.logarithm(near), inverse, mask], axis: 1)
        func state(_ name: String, _ shape: Shape, _ role: StateDeclaration.Role) throws -> Value {
            let low = name.hasSuffix("var") ? 0.2 : -1.0
            let seed = UInt64(name.utf8.reduce(7) { $0 * 31 % 10007 + Int($1) })
            let values = numbers(shape, seed: seed, from: low).map { Float($0) }
            return try graph.state(name, shape, role: role, initializer: .values(values))
        }
        let weight = try state("conv.weight", [4, 3, 3, 3], .parameter)
        let x = try graph.convolve(
            encoded, weight: weight, strides: [2, 2], padding: Padding(1), name: "conv")
        let normalized = try graph.normalize(
            x, scale: state("bn.weight", [4], .parameter),
            offset: state("bn.bias", [4], .parameter),
            mean: state("bn.running_mean", [4], .statistic),
            variance: state("bn.running_var", [4], .statistic))
        let active = try graph.rectify(normalized)
        let second = try state("conv2.weight", [4, 1, 3, 3], .parameter)
        let bias = try state("conv2.bias", [4], .parameter)
        let fused = try graph.append(
            FusedConvolution(
                Convolution(padding: Padding(1), groups: 4), rectifies: true, addsResidual: true),
            [active, second, bias, active]
        ).output()
        let pooled = try graph.add(
            MaximumPool(window: [3, 3], strides: [2, 2], padding: Padding(1)), fused)
        graph.label(pooled, "features")
        let mean = try graph.reduce(.mean, pooled, axes: [2, 3], keepDimensions: false)
        let head = try state("head.weight", [5, 4], .parameter)
        let logits = try graph.add(
            graph.multiplyMatrices(mean, head, transposeRight: true),
            state("head.bias", [5], .parameter))
        graph.output("logits", logits)
        graph.output("features", pooled)
        return graph
    }

    /// Every other operator that has an ONNX form.
    static func everything(batch: Int) throws -> Graph {
        var graph = Graph()
        let x = try graph.input("x", [batch, 3, 6, 4])
        for function in Unary.Function.allCases {
            let safe = try graph.affine(graph.absolute(x), scale: 0.5, offset: 0.25)
            let needsPositive: [Unary.Function] = [.logarithm, .squareRoot, .reciprocal]
            let y = try graph.unary(function, needsPositive.contains(function) ? safe : x)
            graph.output("unary \(function.rawValue)", y)
        }
        let other = try graph.affine(x, scale: -0.7, offset: 0.3)
        let positive = try graph.affine(graph.absolute(x), scale: 1, offset: 0.5)
        for function in Binary.Function.allCases {
            let y = try graph.add(Binary(function), positive, other)
            graph.output("binary \(function.rawValue)", y)
        }
        graph.output("select", try graph.select(graph.add(Unary(.step), x), other, positive))
        for function in Reduce.Function.allCases {
            graph.output(
                "reduce \(function.rawValue)", try graph.reduce(function, x, axes: [1, -1]))
        }
        graph.output("slice", try graph.slice(x, axis: 2, start: -3, length: 3))
        graph.output("middle", try graph.slice(x, axis: 3, start: -3, length: 2))
        graph.output("pad", try graph.add(Pad(before: [0, 0, 1, 0], after: [0, 0, 0, 2]), x))
        graph.output("nearest", try graph.resize(x, scale: 2, mode: .nearest))
        graph.output("bilinear", try graph.resize(x, height: 13, width: 7, mode: .bilinear))
        graph.output("softmax", try graph.softmax(x, axis: 1))
        graph.output("logSoftmax", try graph.logSoftmax(x, axis: -1))
        graph.output("argMax", try graph.argMax(x, axis: 1))
        graph.output("average", try graph.averagePool(x, window: [3, 2], padding: Padding(1)))
        let moved = try graph.transpose(x, [0, 2, 3, 1])
        graph.output("tokens", try graph.reshape(moved, [.copy(0), .size(24), .copy(3)]))
        graph.output("twice", try graph.reshape(moved, [.copy(0), .copy(3), .infer]))
        let tokens = try graph.reshape(x, [.copy(0), .copy(1), .size(24)])
        graph.output(
            "products", try graph.multiplyMatrices(tokens, tokens, transposeRight: true))
        graph.output("like", try graph.reshape(tokens, like: x))
        let indices = try graph.constant(Tensor(shape: [2], values: [2, 0]))
        graph.output("gather", try graph.gather(x, indices: indices, axis: 1))
        let ramp = try graph.constant(Tensor(shape: [4], values: [0.5, 1, -1, 2]))
        graph.output("layer", try graph.normalizeLayer(x, scale: ramp, offset: ramp))
        let three = try graph.constant(Tensor(shape: [3], values: [1, 0.5, 2]))
        graph.output("channels", try graph.normalizeLayer(x, scale: three, offset: three, axis: 1))
        let token = try graph.constant(Tensor(shape: [1, 2], values: [3, 4]))
        graph.output("token", try graph.repeatForBatch(token, of: x))
        graph.output(
            "repeated", try graph.add(BroadcastTo([.batch(times: 2), .size(3), .keep]), token, x))
        graph.output("sample", try graph.add(BatchIndex(), x))
        graph.output("attention", try graph.attendToSelf(tokens, heads: 2))
        graph.output("same", x)
        graph.output("stopped", try graph.stopGradient(other))
        return graph
    }

    static func states(_ graph: Graph) -> [String: Tensor<Float>] {
        var states: [String: Tensor<Float>] = [:]
        for (declaration, _) in graph.states {
            if case .values(let tensor) = declaration.initializer {
                states[declaration.name] = tensor
            }
        }
        return states
    }
}
