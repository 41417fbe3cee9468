import Graphs
import Tensors

/// Convolutions and their transposes.
enum ConvolutionConverters {
    static func convolution(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let weight = try node.value(1)
        let y = try convolve(node, x, weight, bias: node.has(2) ? node.value(2) : nil)
        return [try node.result(y)]
    }

    /// (x - zero of x) convolved with (weight - zero of weight), in int32.
    static func integerConvolution(_ node: NodeConversion) throws -> [Operand] {
        var x = try node.value(0)
        var weight = try node.value(1)
        if node.has(2) {
            guard try node.shape(2).count == 1 else {
                throw node.refusal("zero points for each channel are not supported")
            }
            x = try node.add(Affine(offset: -node.number(2, "the zero point")), x)
        }
        if node.has(3) {
            guard try node.shape(3).count == 1 else {
                throw node.refusal("zero points for each channel are not supported")
            }
            weight = try node.add(Affine(offset: -node.number(3, "the zero point")), weight)
        }
        return [try node.result(node.wrapped(convolve(node, x, weight, bias: nil), .int32), .int32)]
    }

    static func convolve(
        _ node: NodeConversion, _ x: Value, _ weight: Value, bias: Value?
    ) throws -> Value {
        let shape = node.shape(of: x)
        let kernel = node.shape(of: weight)
        guard shape.rank >= 3, kernel.rank == shape.rank else {
            throw node.malformed("a weight \(kernel) does not fit an input \(shape)")
        }
        let spatial = Array(shape.dimensions.dropFirst(2))
        let window = try WindowAttributes.read(
            node, spatial: spatial, kernel: Array(kernel.dimensions.dropFirst(2)))
        let groups = try node.attributes.integer("group") ?? 1
        guard groups >= 1, groups < 1 << 20 else { throw node.malformed("group \(groups)") }
        if spatial.count == 2, kernel.count > 0, shape.count > 0 {
            let operation = Convolution(
                strides: window.strides,
                padding: Padding(
                    top: window.before[0], left: window.before[1], bottom: window.after[0],
                    right: window.after[1]),
                dilations: window.dilations, groups: groups)
            return try node.append(operation, [x, weight] + (bias.map { [$0] } ?? [])).output()
        }
        let y = try node.add(SpatialConvolution(window: window, groups: groups), x, weight)
        return try biased(node, y, bias)
    }

    static func transposed(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let weight = try node.value(1)
        let shape = node.shape(of: x)
        let kernel = node.shape(of: weight)
        guard shape.rank >= 3, kernel.rank == shape.rank else {
            throw node.malformed("a weight \(kernel) does not fit an input \(shape)")
        }
        let spatial = Array(shape.dimensions.dropFirst(2))
        let count = spatial.count
        let extra =
            try node.attributes.integers("output_padding") ?? [Int](repeating: 0, count: count)
        let wanted = try node.attributes.integers("output_shape")
        let groups = try node.attributes.integer("group") ?? 1
        let automatic = try node.attributes.text("auto_pad") ?? "NOTSET"
        var window = try WindowAttributes.read(
            node, spatial: nil, kernel: Array(kernel.dimensions.dropFirst(2)))
        guard groups >= 1, groups < 1 << 20, extra.count == count,
            wanted.map({ $0.count == count }) ?? true
        else {
            throw node.malformed("group, output_padding or output_shape do not fit \(shape)")
        }
        var target: [Int] = []
        for axis in 0..<count {
            let full = window.strides[axis] * (spatial[axis] - 1) + extra[axis] + window.reach(axis)
            if wanted != nil || automatic.hasPrefix("SAME") {
                let extent = wanted?[axis] ?? spatial[axis] * window.strides[axis]
                let total = max(full - extent, 0)
                let small = total / 2
                window.before[axis] = automatic == "SAME_UPPER" ? small : total - small
                window.after[axis] = total - window.before[axis]
                target.append(extent)
            } else {
                target.append(full - window.before[axis] - window.after[axis])
            }
        }
        guard target.allSatisfy({ $0 >= 0 }) else {
            throw node.malformed("its result would have the shape \(target)")
        }
        let operation = SpatialConvolution(window: window, groups: groups, transposedTo: target)
        let y = try node.add(operation, x, weight)
        return [try node.result(biased(node, y, node.has(2) ? node.value(2) : nil))]
    }

    private static func biased(
        _ node: NodeConversion, _ y: Value, _ bias: Value?
    ) throws -> Value {
        guard let bias else { return y }
        let ones = [ReshapeDimension](repeating: .size(1), count: node.shape(of: y).rank - 2)
        guard node.shape(of: bias).rank == 1 else {
            throw node.malformed("a bias should have one axis, got \(node.shape(of: bias))")
        }
        return try node.add(Binary(.add), y, node.add(Reshape(to: [.copy(0)] + ones), bias))
    }
}
