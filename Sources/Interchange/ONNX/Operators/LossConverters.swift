import Graphs
import Tensors

/// Losses by class, which training graphs carry.
enum LossConverters {
    static func likelihood(_ node: NodeConversion) throws -> [Operand] {
        [try node.result(loss(node, node.value(0)))]
    }

    /// The same of the logarithm of the softmax, which comes out as well.
    static func crossEntropy(_ node: NodeConversion) throws -> [Operand] {
        let logarithms = try node.add(LogSoftmax(axis: 1), node.value(0))
        return [try node.result(loss(node, logarithms)), try node.result(logarithms)]
    }

    private static func loss(_ node: NodeConversion, _ logarithms: Value) throws -> Value {
        let name = try node.attributes.text("reduction") ?? "mean"
        guard let reduction = ClassLikelihood.Reduction(rawValue: name) else {
            throw node.malformed("reduction '\(name)' is not known")
        }
        let operation = ClassLikelihood(
            reduction: reduction, ignored: try node.attributes.integer("ignore_index"))
        var inputs = [logarithms, try node.value(1)]
        if node.has(2) { inputs.append(try node.value(2)) }
        return try node.append(operation, inputs).output()
    }
}
