import Graphs
import Tensors

/// Padding, and cropping around the centre.
enum BorderConverters {
    static func pad(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        let mode = try node.attributes.text("mode") ?? "constant"
        var value = 0.0
        let pads: [Int]
        if node.opset < 11 {
            value = try node.attributes.number("value") ?? 0
            pads = try node.attributes.integers("pads") ?? []
        } else {
            pads = try node.integers(1, "the pads")
            if node.has(2) { value = try node.number(2, "the value") }
        }
        let axes =
            node.has(3) ? try node.axes(node.integers(3, "the axes"), rank: rank) : Array(0..<rank)
        guard pads.count == 2 * axes.count, pads.allSatisfy({ $0.magnitude < 1 << 24 }) else {
            throw node.malformed("pads \(pads) do not fit \(node.shape(of: x))")
        }
        var before = [Int](repeating: 0, count: rank)
        var after = before
        for (index, axis) in axes.enumerated() {
            before[axis] = pads[index]
            after[axis] = pads[axes.count + index]
        }
        guard let border = BorderPad.Mode(rawValue: mode) else {
            throw node.refusal("mode '\(mode)' is not supported")
        }
        if border == .constant, pads.allSatisfy({ $0 >= 0 }) {
            return [
                try node.result(node.add(Pad(before: before, after: after, value: value), x))
            ]
        }
        return [
            try node.result(
                node.add(BorderPad(before: before, after: after, mode: border, value: value), x))
        ]
    }

    static func centerCropPad(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let wanted = try node.integers(1, "the shape")
        let axes = try node.axes(
            node.attributes.integers("axes") ?? Array(0..<shape.rank), rank: shape.rank)
        guard wanted.count == axes.count, wanted.allSatisfy({ $0 >= 0 && $0 < 1 << 24 }) else {
            throw node.malformed("the shape \(wanted) does not fit \(shape)")
        }
        var before = [Int](repeating: 0, count: shape.rank)
        var after = before
        for (axis, extent) in zip(axes, wanted) {
            let more = extent - shape[axis]
            before[axis] = more >= 0 ? more / 2 : -(-more / 2)
            after[axis] = more - before[axis]
        }
        let border = BorderPad(before: before, after: after, mode: .constant, value: 0)
        return [try node.result(node.add(border, x))]
    }
}
