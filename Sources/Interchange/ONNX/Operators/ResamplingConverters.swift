import Graphs
import Tensors

/// Resizing by interpolation.
enum ResamplingConverters {
    /// Upsample, which Resize has replaced: nearest or linear without alignment.
    static func upsample(_ node: NodeConversion) throws -> [Operand] {
        let mode = try node.attributes.text("mode") ?? "nearest"
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let scales =
            try node.attributes.numbers("scales") ?? node.known(1, "the scales").doubles.values
        let axes = try scaled(node, shape, scales, Array(0..<shape.rank))
        guard mode == "nearest" || mode == "linear" || mode == "bilinear" else {
            throw node.refusal("mode '\(mode)' is not supported")
        }
        let operation = Interpolation(
            kernel: mode == "nearest" ? .nearest("floor") : .linear, coordinates: "asymmetric",
            axes: axes, antialias: false, excludesOutside: false, extrapolation: 0)
        return [try node.result(node.add(operation, x))]
    }

    static func resize(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let isOld = node.opset < 11
        let coordinates =
            try node.attributes.text("coordinate_transformation_mode")
            ?? (isOld ? "asymmetric" : "half_pixel")
        guard
            [
                "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize",
            ].contains(coordinates)
        else { throw node.refusal("coordinates '\(coordinates)' are not supported") }
        let kernel = try kernel(node, isOld)
        let named = try node.axes(
            node.attributes.integers("axes") ?? Array(0..<shape.rank), rank: shape.rank)
        let axes = try targets(node, shape, named, isOld, coordinates)
        let operation = Interpolation(
            kernel: kernel, coordinates: coordinates, axes: axes,
            antialias: try node.attributes.integer("antialias") ?? 0 != 0,
            excludesOutside: try node.attributes.integer("exclude_outside") ?? 0 != 0,
            extrapolation: try node.attributes.number("extrapolation_value") ?? 0)
        if let fast = fast(operation, shape) { return [try node.result(node.add(fast, x))] }
        return [try node.result(node.add(operation, x))]
    }

    private static func kernel(
        _ node: NodeConversion, _ isOld: Bool
    ) throws -> Interpolation.Kernel {
        let mode = try node.attributes.text("mode") ?? "nearest"
        let rounding =
            try node.attributes.text("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor")
        let a = try node.attributes.number("cubic_coeff_a") ?? -0.75
        switch mode {
        case "nearest":
            guard ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"].contains(rounding)
            else { throw node.refusal("nearest_mode '\(rounding)' is not supported") }
            return .nearest(rounding)
        case "linear": return .linear
        case "cubic": return .cubic(a)
        default: throw node.refusal("mode '\(mode)' is not supported")
        }
    }

    private static func targets(
        _ node: NodeConversion, _ shape: Shape, _ named: [Int], _ isOld: Bool, _ coordinates: String
    ) throws -> [Interpolation.Axis?] {
        let policy = try node.attributes.text("keep_aspect_ratio_policy") ?? "stretch"
        let scaleIndex = isOld ? 1 : 2
        var axes: [Interpolation.Axis?]
        if node.has(3), try node.shape(3).count > 0 {
            let found = try node.batchIntegers(3, "the sizes")
            var sizes = found.now
            let widened = found.widened
            let wide = try node.widenedShape(0)
            guard widened.count == sizes.count, sizes.count == named.count else {
                throw node.malformed("\(sizes.count) sizes do not fit \(shape)")
            }
            let follows = sizes.indices.allSatisfy { index in
                sizes[index] == widened[index]
                    || sizes[index] == shape[named[index]] && widened[index] == wide[named[index]]
            }
            if !follows { node.fixBatch() }
            guard sizes.count == named.count, sizes.allSatisfy({ $0 > 0 && $0 < 1 << 24 }) else {
                throw node.malformed("sizes \(sizes) do not fit \(shape)")
            }
            let ratios = zip(named, sizes).map { Double($1) / Double(max(shape[$0], 1)) }
            axes = [Interpolation.Axis?](repeating: nil, count: shape.rank)
            let common = policy == "not_larger" ? ratios.min() : ratios.max()
            for (index, axis) in named.enumerated() {
                var scale = ratios[index]
                if policy != "stretch", let common {
                    scale = common
                    sizes[index] = Int(
                        limiting: (common * Double(shape[axis]) + 0.5).rounded(.down))
                    guard sizes[index] < 1 << 24 else { throw node.malformed("sizes \(sizes)") }
                }
                if sizes[index] == shape[axis] && coordinates != "tf_crop_and_resize" { continue }
                axes[axis] = Interpolation.Axis(size: sizes[index], scale: scale, start: 0, end: 1)
            }
        } else {
            let scales = try node.known(scaleIndex, "the scales").doubles.values
            axes = try scaled(node, shape, scales, named)
        }
        if coordinates == "tf_crop_and_resize" {
            let roi = try node.known(1, "the region").doubles.values
            guard roi.count == 2 * named.count, roi.allSatisfy(\.isFinite) else {
                throw node.malformed("a region of \(roi.count) numbers")
            }
            for (index, axis) in named.enumerated() {
                axes[axis]?.start = roi[index]
                axes[axis]?.end = roi[named.count + index]
            }
        }
        return axes
    }

    private static func scaled(
        _ node: NodeConversion, _ shape: Shape, _ scales: [Double], _ named: [Int]
    ) throws -> [Interpolation.Axis?] {
        guard scales.count == named.count, scales.allSatisfy({ $0 > 0 && $0 < 1e6 }) else {
            throw node.malformed("scales \(scales) do not fit \(shape)")
        }
        var axes = [Interpolation.Axis?](repeating: nil, count: shape.rank)
        for (axis, scale) in zip(named, scales) where scale != 1 {
            let size = Int(limiting: (Double(shape[axis]) * scale).rounded(.down))
            guard size < 1 << 24 else { throw node.malformed("scale \(scale) of \(shape)") }
            axes[axis] = Interpolation.Axis(size: size, scale: scale, start: 0, end: 1)
        }
        return axes
    }

    /// The engine's own resize where it means the same.
    private static func fast(_ operation: Interpolation, _ shape: Shape) -> Resize? {
        guard shape.rank == 4, shape.count > 0, !operation.antialias, !operation.excludesOutside,
            operation.axes[0] == nil, operation.axes[1] == nil, let rows = operation.axes[2],
            let columns = operation.axes[3], rows.size > 0, columns.size > 0,
            Double(shape[2]) * rows.scale == Double(rows.size),
            Double(shape[3]) * columns.scale == Double(columns.size)
        else { return nil }
        switch (operation.kernel, operation.coordinates) {
        case (.linear, "half_pixel"):
            return Resize(height: rows.size, width: columns.size, mode: .bilinear)
        case (.nearest("floor"), "asymmetric"):
            return Resize(height: rows.size, width: columns.size, mode: .nearest)
        default: return nil
        }
    }
}
