/// Follows the shapes of an encoding's operations and refuses what the contract does not have.
struct ShapeBuilder: EncodingBuilder {
    private static let binary: Set<String> = [
        "Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Greater",
    ]
    private static let unary: Set<String> = [
        "Negate", "Exp", "Log", "Sqrt", "Reciprocal", "Abs", "Square", "Step", "Affine", "Clip",
    ]

    mutating func constant(_ values: [Float], shape: [Int]) throws -> [Int] {
        guard values.allSatisfy(\.isFinite) else {
            throw refusal("a constant of shape \(shape) holds a value that is not finite")
        }
        return shape
    }

    mutating func operation(
        _ name: String, inputs: [[Int]], attributes: [String: [Double]]
    ) throws -> [Int] {
        func attribute(_ key: String) throws -> Int {
            guard let value = attributes[key]?.first, let whole = Int(exactly: value) else {
                throw refusal("\(name) lacks the whole number `\(key)`")
            }
            return whole
        }
        switch (name, inputs.count) {
        case (let name, 1) where Self.unary.contains(name):
            return inputs[0]
        case (let name, 2) where Self.binary.contains(name):
            return try broadcast(inputs[0], inputs[1], name)
        case ("Convolution", 2):
            return try convolution(
                inputs[0], inputs[1], stride: attribute("stride"), padding: attribute("padding"))
        case ("Concatenate", 1...):
            return try concatenation(inputs, axis: attribute("axis"))
        case ("Slice", 1):
            let (axis, start) = (try attribute("axis"), try attribute("start"))
            var shape = inputs[0]
            let length = try attribute("length")
            guard shape.indices.contains(axis), start >= 0, length > 0,
                start + length <= shape[axis]
            else { throw refusal("Slice leaves the shape \(shape)") }
            shape[axis] = length
            return shape
        default:
            throw refusal("there is no operation `\(name)` of \(inputs.count) inputs")
        }
    }

    private func broadcast(_ left: [Int], _ right: [Int], _ name: String) throws -> [Int] {
        let rank = max(left.count, right.count)
        let padded = [left, right].map { Array(repeating: 1, count: rank - $0.count) + $0 }
        return try zip(padded[0], padded[1]).map { a, b in
            guard a == b || a == 1 || b == 1 else {
                throw refusal("\(name) cannot broadcast \(left) with \(right)")
            }
            return max(a, b)
        }
    }

    private func convolution(
        _ input: [Int], _ weights: [Int], stride: Int, padding: Int
    ) throws -> [Int] {
        guard input.count == 4, weights.count == 4, input[1] == weights[1], stride > 0,
            padding >= 0, input[2] + 2 * padding >= weights[2],
            input[3] + 2 * padding >= weights[3]
        else { throw refusal("Convolution cannot apply weights \(weights) to \(input)") }
        func side(_ axis: Int) -> Int { (input[axis] + 2 * padding - weights[axis]) / stride + 1 }
        return [input[0], weights[0], side(2), side(3)]
    }

    private func concatenation(_ inputs: [[Int]], axis: Int) throws -> [Int] {
        var shape = inputs[0]
        guard shape.indices.contains(axis) else { throw refusal("Concatenate has no axis \(axis)") }
        for other in inputs.dropFirst() {
            var expected = shape
            guard other.count == shape.count else {
                throw refusal("Concatenate cannot join \(shape) and \(other)")
            }
            expected[axis] = other[axis]
            guard other == expected else {
                throw refusal("Concatenate cannot join \(shape) and \(other)")
            }
            shape[axis] += other[axis]
        }
        return shape
    }

    private func refusal(_ message: String) -> PluginError {
        PluginError(code: "verify.graph", message: message)
    }
}
