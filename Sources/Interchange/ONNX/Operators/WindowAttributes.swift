import Graphs
import Tensors

/// Reads what convolutions and pools say about their windows.
enum WindowAttributes {
    /// - Parameters:
    ///   - spatial: the extents that automatic padding keeps; nil where the caller pads by itself.
    ///   - kernel: the window's extents where an operand gives them.
    static func read(
        _ node: NodeConversion, spatial: [Int]?, kernel: [Int]? = nil
    ) throws -> Window {
        let named = try node.attributes.integers("kernel_shape")
        guard let size = kernel ?? named, !size.isEmpty else {
            throw node.malformed("lacks its attribute 'kernel_shape'")
        }
        if let named, named != size {
            throw node.malformed("kernel_shape \(named) contradicts a weight with \(size)")
        }
        let count = size.count
        let ones = [Int](repeating: 1, count: count)
        let strides = try node.attributes.integers("strides") ?? ones
        let dilations = try node.attributes.integers("dilations") ?? ones
        let pads = try node.attributes.integers("pads") ?? [Int](repeating: 0, count: 2 * count)
        guard spatial.map({ $0.count == count }) ?? true, strides.count == count,
            dilations.count == count, pads.count == 2 * count, size.allSatisfy({ $0 >= 1 }),
            strides.allSatisfy({ $0 >= 1 }), dilations.allSatisfy({ $0 >= 1 }),
            pads.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }),
            zip(size, dilations).allSatisfy({ $0 < 1 << 20 && $1 < 1 << 20 })
        else {
            throw node.malformed(
                "a window of \(size) with strides \(strides), dilations \(dilations) and pads "
                    + "\(pads) is not possible")
        }
        var window = Window(
            size: size, strides: strides, dilations: dilations, before: Array(pads[..<count]),
            after: Array(pads[count...]))
        let automatic = try node.attributes.text("auto_pad") ?? "NOTSET"
        switch automatic {
        case "NOTSET", "": break
        case "VALID":
            window.before = [Int](repeating: 0, count: count)
            window.after = window.before
        case "SAME_UPPER", "SAME_LOWER":
            guard let spatial else { break }
            for axis in 0..<count {
                let outputs = (spatial[axis] + strides[axis] - 1) / strides[axis]
                let needed = (outputs - 1) * strides[axis] + window.reach(axis) - spatial[axis]
                let total = max(needed, 0)
                let upper = automatic == "SAME_UPPER"
                window.before[axis] = upper ? total / 2 : total - total / 2
                window.after[axis] = total - window.before[axis]
            }
        default: throw node.malformed("auto_pad '\(automatic)' is not known")
        }
        return window
    }
}
