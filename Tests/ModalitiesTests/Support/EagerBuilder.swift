import Foundation
import Modalities

/// A picture or constant as the encodings' operations see it: `[batch, channels, height, width]`.
struct Grid {
    var shape: [Int]
    var values: [Float]

    subscript(_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Float {
        values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x]
    }
}

/// Computes an encoding's operations at once instead of building a graph.
struct EagerBuilder: EncodingBuilder {
    struct Unknown: Error { let name: String }

    mutating func constant(_ values: [Float], shape: [Int]) -> Grid {
        Grid(shape: shape, values: values)
    }

    mutating func operation(
        _ name: String, inputs: [Grid], attributes: [String: [Double]]
    ) throws -> Grid {
        func number(_ key: String) -> Float { Float(attributes[key]?.first ?? .nan) }
        func unary(_ body: (Float) -> Float) -> Grid {
            Grid(shape: inputs[0].shape, values: inputs[0].values.map(body))
        }
        switch name {
        case "Add": return binary(inputs, +)
        case "Subtract": return binary(inputs, -)
        case "Multiply": return binary(inputs, *)
        case "Divide": return binary(inputs, /)
        case "Maximum": return binary(inputs, max)
        case "Step": return unary { $0 > 0 ? 1 : 0 }
        case "Log": return unary { log($0) }
        case "Reciprocal": return unary { 1 / $0 }
        case "Affine": return unary { number("scale") * $0 + number("offset") }
        case "Clip": return unary { min(max($0, number("minimum")), number("maximum")) }
        case "Convolution":
            return convolution(inputs[0], inputs[1], padding: Int(number("padding")))
        case "Concatenate": return concatenation(inputs)
        default: throw Unknown(name: name)
        }
    }

    private func binary(_ inputs: [Grid], _ body: (Float, Float) -> Float) -> Grid {
        let shape = zip(inputs[0].shape, inputs[1].shape).map(max)
        return grid(shape) { n, c, y, x in
            func value(_ input: Grid) -> Float {
                let s = input.shape
                return input[s[0] > 1 ? n : 0, s[1] > 1 ? c : 0, s[2] > 1 ? y : 0, s[3] > 1 ? x : 0]
            }
            return body(value(inputs[0]), value(inputs[1]))
        }
    }

    private func convolution(_ input: Grid, _ weights: Grid, padding: Int) -> Grid {
        let shape = [
            input.shape[0], weights.shape[0], input.shape[2] + 2 * padding - weights.shape[2] + 1,
            input.shape[3] + 2 * padding - weights.shape[3] + 1,
        ]
        return grid(shape) { n, c, y, x in
            var sum: Float = 0
            for i in 0..<weights.shape[1] {
                for v in 0..<weights.shape[2] {
                    for u in 0..<weights.shape[3] {
                        let (row, column) = (y + v - padding, x + u - padding)
                        guard row >= 0, column >= 0, row < input.shape[2], column < input.shape[3]
                        else { continue }
                        sum += weights[c, i, v, u] * input[n, i, row, column]
                    }
                }
            }
            return sum
        }
    }

    private func concatenation(_ inputs: [Grid]) -> Grid {
        let first = inputs[0].shape
        let channels = inputs.reduce(0) { $0 + $1.shape[1] }
        return grid([first[0], channels, first[2], first[3]]) { n, c, y, x in
            var channel = c
            for input in inputs {
                if channel < input.shape[1] { return input[n, channel, y, x] }
                channel -= input.shape[1]
            }
            return .nan
        }
    }

    private func grid(_ shape: [Int], _ body: (Int, Int, Int, Int) -> Float) -> Grid {
        var values: [Float] = []
        for n in 0..<shape[0] {
            for c in 0..<shape[1] {
                for y in 0..<shape[2] { for x in 0..<shape[3] { values.append(body(n, c, y, x)) } }
            }
        }
        return Grid(shape: shape, values: values)
    }
}
