package import Graphs
package import Tensors

/// Finds the largest or smallest elements along an axis: values and positions, best first.
///
/// Equal elements rank by position, the first or the last one in front.
package struct Ranking: Operator {
    package static let kind = "Ranking"
    package let axis: Int
    package let count: Int
    package let largest: Bool
    package let lastWins: Bool

    package init(axis: Int, count: Int, largest: Bool, lastWins: Bool = false) {
        self.axis = axis
        self.count = count
        self.largest = largest
        self.lastWins = lastWins
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("axis", .integer(axis)), ("count", .integer(count)), ("largest", .flag(largest)),
            ("lastWins", .flag(lastWins)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        var shape = inputs[0].shape
        guard axis < shape.rank, count >= 0, count <= shape[axis] else {
            throw GraphError(.shape, "\(shape) has no \(count) elements along axis \(axis)")
        }
        shape[axis] = count
        return [TensorType(shape, inputs[0].element), TensorType(shape, .int64)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let (outer, length, inner) = inputs[0].shape.split(at: axis)
        let shape = outputs[0].shape
        var values = Tensor(shape: shape, repeating: 0.0)
        var positions = values
        for block in 0..<outer {
            for lane in 0..<inner {
                func at(_ index: Int) -> Double {
                    inputs[0].values[(block * length + index) * inner + lane]
                }
                let order = (0..<length).sorted { left, right in
                    let a = at(left)
                    let b = at(right)
                    if a == b { return lastWins ? left > right : left < right }
                    return largest ? a > b : a < b
                }
                for (rank, index) in order.prefix(count).enumerated() {
                    let to = (block * count + rank) * inner + lane
                    values.values[to] = at(index)
                    positions.values[to] = Double(index)
                }
            }
        }
        return [values, positions]
    }
}
