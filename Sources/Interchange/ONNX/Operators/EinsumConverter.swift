import Graphs
import Tensors

/// Sums of products written in Einstein's notation.
enum EinsumConverter {
    @Sendable static func convert(_ node: NodeConversion) throws -> [Operand] {
        guard let text = try node.attributes.text("equation") else {
            throw node.malformed("lacks its equation")
        }
        let equation = text.filter { !$0.isWhitespace }
        guard !equation.contains("..."), equation.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw node.refusal("equation '\(text)' with an ellipsis is not supported")
        }
        let sides = equation.split(separator: ">", omittingEmptySubsequences: false)
        let left = sides[0].hasSuffix("-") ? sides[0].dropLast() : sides[0]
        let terms = left.split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        let letters = terms.flatMap { $0 }
        let result =
            sides.count > 1
            ? Array(sides[1])
            : Set(letters).filter { letter in letters.count { $0 == letter } == 1 }.sorted()
        guard terms.count == node.inputCount, sides.count <= 2,
            (letters + result).allSatisfy(\.isLetter), Set(result).count == result.count,
            Set(result).isSubset(of: letters)
        else { throw node.malformed("equation '\(text)' does not fit its operands") }
        let operation = EinsteinSum(terms: terms, result: result)
        let values = try (0..<node.inputCount).map { try node.value($0) }
        return [try node.result(node.append(operation, values).output())]
    }
}
