package import Graphs
package import Tensors

/// A sum over products of elements with equal letters on equal indices.
package struct EinsteinSum: Operator {
    package static let kind = "EinsteinSum"
    /// A letter for each axis of each operand.
    package let terms: [[Character]]
    package let result: [Character]

    package init(terms: [[Character]], result: [Character]) {
        self.terms = terms
        self.result = result
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            (
                "equation",
                .text(terms.map { String($0) }.joined(separator: ",") + "->" + String(result))
            )
        ]
    }

    /// The extent of each letter.
    private func extents(_ shapes: [Shape]) throws -> [Character: Int] {
        var extents: [Character: Int] = [:]
        for (term, shape) in zip(terms, shapes) {
            guard term.count == shape.rank else {
                throw GraphError(.shape, "'\(String(term))' does not name the axes of \(shape)")
            }
            for (letter, extent) in zip(term, shape.dimensions) {
                guard extents.updateValue(extent, forKey: letter) ?? extent == extent else {
                    throw GraphError(.shape, "'\(letter)' has two extents")
                }
            }
        }
        return extents
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let extents = try extents(inputs.map(\.shape))
        return [TensorType(Shape(result.map { extents[$0] ?? 1 }), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let extents = try extents(inputs.map(\.shape))
        let letters = result + Set(terms.flatMap { $0 }).subtracting(result).sorted()
        let space = Shape(letters.map { extents[$0] ?? 1 })
        func steps(_ term: [Character], _ shape: Shape) -> [Int] {
            let strides = shape.strides
            return letters.map { letter in
                term.indices.filter { term[$0] == letter }.reduce(0) { $0 + strides[$1] }
            }
        }
        let sources = zip(terms, inputs).map { steps($0, $1.shape) }
        let target = steps(result, outputs[0].shape)
        var values = [Double](repeating: 0, count: outputs[0].shape.count)
        space.forEachIndex { _, index in
            var product = 1.0
            for (input, steps) in zip(inputs, sources) {
                product *= input.values[zip(index, steps).reduce(0) { $0 + $1.0 * $1.1 }]
            }
            values[zip(index, target).reduce(0) { $0 + $1.0 * $1.1 }] += product
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}
