import Foundation
package import Graphs
package import Tensors

/// Resampling along every axis by weighted sums of neighbours: ONNX's Resize in all its modes.
package struct Interpolation: Operator {
    package enum Kernel: Sendable, Hashable {
        case nearest(String)
        case linear
        case cubic(Double)
    }

    /// How one axis is resampled.
    package struct Axis: Sendable, Hashable {
        package var size: Int
        package var scale: Double
        /// The part of the input that is cropped, as fractions of its extent.
        package var start: Double
        package var end: Double
    }

    package static let kind = "Interpolation"
    package let kernel: Kernel
    package let coordinates: String
    /// nil for an axis that stays as it is, the batch for example.
    package let axes: [Axis?]
    package let antialias: Bool
    package let excludesOutside: Bool
    /// What stands where `tf_crop_and_resize` looks outside of the input.
    package let extrapolation: Double

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("kernel", .text("\(kernel)")), ("coordinates", .text(coordinates)),
            ("sizes", .integers(axes.map { $0?.size ?? -1 })), ("antialias", .flag(antialias)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        guard shape.rank == axes.count else {
            throw GraphError(.shape, "\(axes.count) scales do not fit \(shape)")
        }
        let extents = shape.dimensions.indices.map { axes[$0]?.size ?? shape[$0] }
        guard shape.count > 0 || extents.contains(0) else {
            throw GraphError(.shape, "\(shape) has nothing to resample")
        }
        return [TensorType(Shape(extents), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var current = inputs[0]
        var outside: [(axis: Int, positions: Set<Int>)] = []
        for (number, axis) in axes.enumerated() {
            guard let axis else { continue }
            let extent = current.shape[number]
            let taps = (0..<axis.size).map { self.taps($0, axis, extent) }
            current = resampled(current, number, taps)
            if coordinates == "tf_crop_and_resize" {
                let missing = (0..<axis.size).filter {
                    let x = source($0, axis, extent)
                    return x < 0 || x > Double(extent - 1)
                }
                if !missing.isEmpty { outside.append((number, Set(missing))) }
            }
        }
        if !outside.isEmpty {
            current.shape.forEachIndex { offset, index in
                if outside.contains(where: { $0.positions.contains(index[$0.axis]) }) {
                    current.values[offset] = extrapolation
                }
            }
        }
        return [current]
    }

    private func resampled(
        _ x: Tensor<Double>, _ axis: Int, _ taps: [[(index: Int, weight: Double)]]
    ) -> Tensor<Double> {
        let (outer, length, inner) = x.shape.split(at: axis)
        var shape = x.shape
        shape[axis] = taps.count
        var values = [Double](repeating: 0, count: shape.count)
        for block in 0..<outer {
            for (position, neighbours) in taps.enumerated() {
                let to = (block * taps.count + position) * inner
                for (index, weight) in neighbours {
                    let from = (block * length + index) * inner
                    for offset in 0..<inner {
                        values[to + offset] += weight * x.values[from + offset]
                    }
                }
            }
        }
        return Tensor(shape: shape, values: values)
    }

    // MARK: One axis

    /// Where an output position lies in the input.
    private func source(_ position: Int, _ axis: Axis, _ extent: Int) -> Double {
        let x = Double(position)
        let length = Double(extent)
        let scale = axis.scale
        let resized = scale * length
        switch coordinates {
        case "align_corners": return resized == 1 ? 0 : x * (length - 1) / (resized - 1)
        case "asymmetric": return x / scale
        case "tf_half_pixel_for_nn": return (x + 0.5) / scale
        case "pytorch_half_pixel": return axis.size > 1 ? (x + 0.5) / scale - 0.5 : 0
        case "half_pixel_symmetric":
            let adjustment = Double(axis.size) / resized
            return length / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
        case "tf_crop_and_resize":
            guard axis.size > 1 else { return (axis.start + axis.end) * (length - 1) / 2 }
            let step = (axis.end - axis.start) * (length - 1) / Double(axis.size - 1)
            return axis.start * (length - 1) + x * step
        default: return (x + 0.5) / scale - 0.5
        }
    }

    private func taps(
        _ position: Int, _ axis: Axis, _ extent: Int
    ) -> [(index: Int, weight: Double)] {
        let x = source(position, axis, extent)
        guard x.isFinite, abs(x) < 1e15 else { return [] }
        if case .nearest(let mode) = kernel {
            let near =
                switch mode {
                case "floor": x.rounded(.down)
                case "ceil": x.rounded(.up)
                case "round_prefer_ceil": (x + 0.5).rounded(.down)
                default: (x - 0.5).rounded(.up)
                }
            return [(min(max(Int(near), 0), extent - 1), 1)]
        }
        let narrowing = antialias ? min(axis.scale, 1) : 1
        let radius = (kernel == .linear ? 1 : 2) / narrowing
        let base = Int(x.rounded(.down))
        let ratio = x - x.rounded(.down)
        // Never more neighbours than a few times the input, however small the scale.
        let reach = min(Int(radius.rounded(.up)), 2 * extent + 2)
        var found: [(index: Int, weight: Double)] = []
        var total = 0.0
        for step in (1 - reach)...reach {
            let index = base + step
            if excludesOutside && (index < 0 || index >= extent) { continue }
            let weight = self.weight((Double(step) - ratio) * narrowing)
            total += weight
            found.append((min(max(index, 0), extent - 1), weight))
        }
        if (antialias || excludesOutside) && total != 0 {
            for index in found.indices { found[index].weight /= total }
        }
        return found
    }

    private func weight(_ distance: Double) -> Double {
        let d = abs(distance)
        guard case .cubic(let a) = kernel else { return max(0, 1 - d) }
        if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
    }
}
