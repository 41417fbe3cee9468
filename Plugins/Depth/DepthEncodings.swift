import CDistillPlugin
import PluginSupport

/// How metres (0 = invalid) become a network's input.
enum DepthEncodings {
    static let list = ConstantTable([
        distill_encoding(
            name: cLiteral("normals"), version: cLiteral("1"),
            summary: cLiteral(
                "slopes dz/dx f/z and dz/dy f/z and log(1 + z), f of [intrinsics] or one width"),
            channels: 3, is_default: 1),
        distill_encoding(
            name: cLiteral("metric"), version: cLiteral("1"),
            summary: cLiteral("log(1 + z) / log(11), inverse depth and the mask of valid pixels"),
            channels: 3, is_default: 0),
    ])

    static let table = ConstantTable([
        distill_encoding_extension(
            struct_size: UInt32(MemoryLayout<distill_encoding_extension>.size), count: 2,
            encodings: list.pointer,
            build: { name, parameters, builder, input, output, status in
                reporting(to: status) {
                    guard let name, let output else {
                        throw PluginFailure("plugin.argument", "`name` or `output` is null")
                    }
                    let graph = try EncodingGraph(builder)
                    output.pointee =
                        switch String(cString: name) {
                        case "normals":
                            try NormalsEncoding(parameters).build(on: graph, depth: input)
                        case "metric":
                            try MetricEncoding(parameters).build(on: graph, depth: input)
                        case let other:
                            throw PluginFailure(
                                "encoding.unknown",
                                "depth has no encoding `\(other)`, there are `normals`, `metric`")
                        }
                }
            })
    ])
}

/// Three channels: log(1 + z) / log(1 + 10); 1 / max(z, .3) where valid; 1 where valid.
struct MetricEncoding {
    /// - Throws: `option.unknown`, `option.kind`.
    init(_ parameters: UnsafePointer<distill_options>?) throws {
        _ = try OptionReader(parameters, known: ["height": .number, "width": .number])
    }

    func build(on graph: EncodingGraph, depth: distill_node) throws -> distill_node {
        let mask = try graph.operation("Step", depth)
        let shifted = try graph.operation("Affine", depth, attributes: ["scale": 1, "offset": 1])
        let logarithm = try graph.operation(
            "Affine", try graph.operation("Log", shifted),
            attributes: ["scale": 1 / 2.397_895_272_798_370_7, "offset": 0])
        let near = try graph.operation("Maximum", depth, try graph.scalar(0.3))
        let inverse = try graph.operation(
            "Multiply", try graph.operation("Reciprocal", near), mask)
        return try graph.operation(
            "Concatenate", logarithm, inverse, mask, attributes: ["axis": 1])
    }
}

/// Three channels: the slopes dz/dx f/z and dz/dy f/z, and log(1 + z).
///
/// Near the middle of the picture of a pinhole camera dz/dx f/z is the tangent of a surface's tilt,
/// so the channels say how it lies without the camera's matrix; where nobody gives f it is taken as one
/// image width for both slopes. Pictures of any shape become square views, so that along y the same camera has
/// another focal length in pixels.
///
/// With m = [z > 0] and the 3x3 sums S: s = S(z) / max(S(m), 1) smooths over valid pixels only.
/// The derivative at a pixel is the mean of the forward and backward differences of s whose both
/// ends are defined, 0 if neither is. Slopes are clipped to +-`slope_limit` (8), divided by 4 to
/// match the third channel's range, and are 0 where z is invalid.
struct NormalsEncoding {
    /// In pixels along x and along y.
    private let focalLengths: (x: Double, y: Double)
    private let slopeLimit: Double

    /// Takes `width` (pixels, needed), `focal` (in image widths, 1), `focal_y` (in image heights; needs `height`;
    /// without it pixels are square) and `slope_limit` (8).
    ///
    /// - Throws: `encoding.parameter`, `option.unknown`, `option.kind`.
    init(_ parameters: UnsafePointer<distill_options>?) throws {
        let reader = try OptionReader(
            parameters,
            known: [
                "height": .number, "width": .number, "focal": .number, "focal_y": .number,
                "slope_limit": .number,
            ])
        guard let width = reader.number("width"), width >= 1 else {
            throw PluginFailure(
                "encoding.parameter",
                "`normals` needs the parameter `width`, the input's width in pixels, at least 1")
        }
        let focal = reader.number("focal") ?? 1
        slopeLimit = reader.number("slope_limit") ?? 8
        let vertical = reader.number("focal_y")
        guard focal > 0, slopeLimit > 0, vertical ?? 1 > 0 else {
            throw PluginFailure(
                "encoding.parameter",
                "`focal`, `focal_y` and `slope_limit` of `normals` must be above 0")
        }
        guard let vertical else {
            focalLengths = (width * focal, width * focal)
            return
        }
        guard let height = reader.number("height"), height >= 1 else {
            throw PluginFailure(
                "encoding.parameter",
                "`focal_y` of `normals` needs the parameter `height`, the input's height in pixels")
        }
        focalLengths = (width * focal, height * vertical)
    }

    func build(on graph: EncodingGraph, depth: distill_node) throws -> distill_node {
        let mask = try graph.operation("Step", depth)
        let box = try graph.constant([Float](repeating: 1, count: 9), shape: [1, 1, 3, 3])
        let sum = try convolve(graph, depth, box)
        let count = try convolve(graph, mask, box)
        let smooth = try graph.operation(
            "Divide", sum, try graph.operation("Maximum", count, try graph.scalar(1)))
        let derivative = try derivative(graph, of: smooth, defined: graph.operation("Step", count))

        let near = try graph.operation("Maximum", smooth, try graph.scalar(0.05))
        let scaled = try scale(derivative, on: graph)
        let clipped = try graph.operation(
            "Clip", try graph.operation("Divide", scaled, near),
            attributes: ["minimum": -slopeLimit, "maximum": slopeLimit])
        let slopes = try graph.operation(
            "Multiply",
            try graph.operation("Affine", clipped, attributes: ["scale": 0.25, "offset": 0]), mask)
        let shifted = try graph.operation("Affine", depth, attributes: ["scale": 1, "offset": 1])
        return try graph.operation(
            "Concatenate", slopes, try graph.operation("Log", shifted), attributes: ["axis": 1])
    }

    /// The slopes a pixel, `[batch, 2, height, width]`, times the focal lengths.
    private func scale(_ derivative: distill_node, on graph: EncodingGraph) throws -> distill_node {
        guard focalLengths.x != focalLengths.y else {
            return try graph.operation(
                "Affine", derivative, attributes: ["scale": focalLengths.x, "offset": 0])
        }
        let factors = try graph.constant(
            [Float(focalLengths.x), Float(focalLengths.y)], shape: [1, 2, 1, 1])
        return try graph.operation("Multiply", derivative, factors)
    }

    /// d/dx and d/dy a pixel, `[batch, 2, height, width]`.
    private func derivative(
        _ graph: EncodingGraph, of smooth: distill_node, defined: distill_node
    ) throws -> distill_node {
        // Forward and backward along x, then along y: place of the neighbour in a 3x3 kernel.
        let neighbours = [5, 3, 7, 1]
        var differences = [Float](repeating: 0, count: 36)
        var shifts = [Float](repeating: 0, count: 36)
        for (index, neighbour) in neighbours.enumerated() {
            let sign: Float = index % 2 == 0 ? 1 : -1
            differences[index * 9 + neighbour] = sign
            differences[index * 9 + 4] = -sign
            shifts[index * 9 + neighbour] = 1
        }
        let difference = try convolve(
            graph, smooth, try graph.constant(differences, shape: [4, 1, 3, 3]))
        let neighbourDefined = try convolve(
            graph, defined, try graph.constant(shifts, shape: [4, 1, 3, 3]))
        let usable = try graph.operation("Multiply", neighbourDefined, defined)
        let pairs = try graph.constant([1, 1, 0, 0, 0, 0, 1, 1], shape: [2, 4, 1, 1])
        let total = try convolve(
            graph, try graph.operation("Multiply", difference, usable), pairs, padding: 0)
        let count = try convolve(graph, usable, pairs, padding: 0)
        return try graph.operation(
            "Divide", total, try graph.operation("Maximum", count, try graph.scalar(1)))
    }

    private func convolve(
        _ graph: EncodingGraph, _ input: distill_node, _ weights: distill_node,
        padding: Double = 1
    ) throws -> distill_node {
        try graph.operation(
            "Convolution", input, weights, attributes: ["stride": 1, "padding": padding])
    }
}
