import Foundation
import Graphs
import Tensors

/// The state of one import: the graph as far as it is built and what is known of each value.
final class ModelImport {
    let options: ImportOptions
    let decoding: TensorDecoding
    let opset: Int
    var graph = Graph()
    private(set) var operands: [String: Operand] = [:]
    /// Inputs whose offered values were used.
    var frozen: Set<String> = []
    /// What was refused so far; nodes that depend on it are passed over.
    private(set) var refusals: [InterchangeError] = []
    private var refused: Set<String> = []
    /// Names that batch normalisation uses as running statistics.
    private let statistics: Set<String>
    /// Whether something rounds to whole numbers, so that a last bit decides about a whole step.
    let roundsToIntegers: Bool
    private(set) var isFolding = false
    private(set) var modules = ModuleNames()
    /// The graph's types if the batch were one larger.
    var batch = BatchTracking()
    /// Elements that folding may still compute.
    private var foldingBudget = 1 << 24
    private static let foldingLimit = 1 << 16

    init(
        _ structure: GraphStructure, opset: Int, options: ImportOptions, decoding: TensorDecoding
    ) throws {
        self.opset = opset
        self.options = options
        self.decoding = decoding
        statistics = Set(
            structure.nodes.filter { $0.opType == "BatchNormalization" }
                .flatMap { $0.input.dropFirst(3) })
        let rounding: Set = ["Round", "Floor", "Ceil", "QuantizeLinear", "DynamicQuantizeLinear"]
        roundsToIntegers = structure.nodes.contains { rounding.contains($0.opType) }
        let used = Set(structure.nodes.flatMap(\.input) + structure.outputs.map(\.name))
        for (name, proto) in structure.initializers where used.contains(name) {
            operands[name] = Operand(try decoding.decode(proto), origin: .initializer(name))
        }
    }

    /// Declares an input under its name.
    ///
    /// - Parameters:
    ///   - followsBatch: whether its first axis is the batch.
    ///   - isOpen: whether the file leaves that axis open.
    func declare(
        _ name: String, _ shape: Shape, _ element: ElementType, followsBatch: Bool,
        isOpen: Bool
    ) throws {
        var operand = Operand(shape: shape, element: element, value: nil, isFed: true)
        operand.origin = .input
        if let given = options.values[name] {
            let tensor = KnownTensor(given.values, element: element)
            let isIndex = element == .int64 || element == .int32
            if isIndex, shape.rank <= 1, shape.count <= 64 {
                // Small index tensors are what shapes are computed from.
                operand = Operand(tensor, origin: .input)
                frozen.insert(name)
                operands[name] = operand
                return
            }
            operand.offered = tensor
        }
        let value = try graph.input(name, shape)
        if followsBatch, shape.rank > 0 { batch.declare(value, shape, isOpen: isOpen) }
        operand.value = value
        operands[name] = operand
    }

    func operand(_ name: String) -> Operand? { operands[name] }

    // MARK: Nodes

    /// Converts a node, or notes why it cannot be.
    func convert(_ node: Onnx_NodeProto, by converter: ONNXOperatorTable.Converter) throws {
        let names = node.input
        if names.contains(where: refused.contains) {
            refused.formUnion(node.output)
            return
        }
        let inputs = names.map { $0.isEmpty ? nil : operands[$0] }
        do {
            let results = try folded(node, inputs, converter) ?? run(node, inputs, converter)
            guard results.count >= node.output.filter({ !$0.isEmpty }).count else {
                throw InterchangeError(
                    .unsupported, node: "\(node.displayName) (\(node.opType))",
                    "its output '\(node.output[results.count])' is not supported")
            }
            for (name, operand) in zip(node.output, results) where !name.isEmpty {
                operands[name] = operand
                if let value = operand.value { graph.label(value, name) }
            }
            if let first = results.first, let value = first.value {
                if !node.name.isEmpty, graph.labels[node.name] == nil {
                    graph.label(value, node.name)
                }
                if first.isFed { modules.note(value, of: node) }
            }
        } catch let error as InterchangeError where error.code == .unsupported {
            refusals.append(error)
            refused.formUnion(node.output)
        } catch let error as GraphError {
            throw InterchangeError(
                .malformed, node: "\(node.displayName) (\(node.opType))", error.message)
        }
    }

    private func run(
        _ node: Onnx_NodeProto, _ inputs: [Operand?], _ converter: ONNXOperatorTable.Converter
    ) throws -> [Operand] {
        let conversion = try NodeConversion(node, operands: inputs, in: self)
        let results = try converter(conversion)
        let unread = conversion.attributes.unread
        guard unread.isEmpty else {
            throw conversion.refusal("attribute \(unread.joined(separator: ", ")) is not supported")
        }
        return results
    }

    /// Computes a node whose operands are all known and small, in a graph of its own.
    ///
    /// Where operands depend on the batch, it is computed for the larger batch as well.
    private func folded(
        _ node: Onnx_NodeProto, _ inputs: [Operand?], _ converter: ONNXOperatorTable.Converter
    ) throws -> [Operand]? {
        let present = inputs.compactMap { $0 }
        let isMask = ModelImport.maskOperators.contains(node.opType)
        guard present.allSatisfy({ $0.known != nil && (!$0.isParameter || isMask) }),
            present.allSatisfy({ $0.shape.count <= ModelImport.foldingLimit }), foldingBudget > 0,
            var results = try evaluated(node, inputs.map { $0?.forThisBatch }, converter)
        else { return nil }
        guard present.contains(where: { $0.widened != nil }) else { return results }
        let wide = inputs.map {
            $0.map { Operand($0.widened ?? $0.known ?? KnownTensor(integers: [])) }
        }
        let others: [Operand]
        do {
            // What is small for this batch alone belongs into the graph.
            guard let found = try evaluated(node, wide, converter) else { return nil }
            others = found
        } catch {
            others = []
        }
        guard others.count == results.count else {
            batch.fix(at: node.displayName)
            return results
        }
        for index in results.indices where !results[index].isSame(as: others[index]) {
            results[index].widened = others[index].known
        }
        return results
    }

    /// Operators that only ever make masks and positions, even from what looks like weights.
    private static let maskOperators: Set<String> = ["ScatterND", "ScatterElements", "Scatter"]

    private func evaluated(
        _ node: Onnx_NodeProto, _ inputs: [Operand?], _ converter: ONNXOperatorTable.Converter
    ) throws -> [Operand]? {
        let saved = graph
        graph = Graph()
        isFolding = true
        defer {
            graph = saved
            isFolding = false
        }
        // Places in the graph that is put aside mean nothing in this one.
        let unplaced = inputs.map { operand in
            operand.map { operand in
                var copy = operand
                copy.value = nil
                return copy
            }
        }
        let results = try run(node, unplaced, converter)
        if results.allSatisfy({ $0.known != nil }) { return results }
        let sizes = graph.nodes.flatMap { $0.outputs.map(\.shape.count) }
        guard sizes.allSatisfy({ $0 <= ModelImport.foldingLimit }) else { return nil }
        foldingBudget -= sizes.reduce(0, +)
        let values = try Interpreter(graph).evaluate([:])
        return results.map { result in
            guard result.known == nil, let value = result.value else { return result }
            return Operand(
                KnownTensor(values[value.node][value.output], element: result.element))
        }
    }

    // MARK: Values

    /// The place of an operand in the graph, made on first use.
    func value(of operand: Operand, named name: String) throws -> Value {
        // Inside of a folding graph everything known is a constant of that graph.
        if isFolding, let known = operand.known { return try graph.constant(known.doubles) }
        if let value = operands[name]?.value ?? operand.value { return value }
        guard let known = operand.known else {
            throw InterchangeError(.malformed, node: name, "has no value")
        }
        let value =
            try operand.widened.map { try placeFollowing(known, $0, name) }
            ?? place(known, operand.origin, name)
        operands[name]?.value = value
        graph.label(value, name)
        return value
    }

    private func place(
        _ known: KnownTensor, _ origin: Operand.Origin, _ name: String
    ) throws -> Value {
        let isFloat = known.element.isFloatingPoint && known.element != .float64
        let initializer: Initializer
        switch (origin, known.storage) {
        case (_, .fill(let value)) where isFloat && known.count > 1024:
            initializer = .constant(Float(value))
        case (.initializer, _) where isFloat: initializer = .values(known.floats)
        default:
            guard known.count <= 1 << 26 else {
                throw InterchangeError(
                    .tooLarge, node: name, "a constant of shape \(known.shape) is too large")
            }
            return try graph.constant(known.doubles)
        }
        return try graph.state(
            StateDeclaration(
                name: name, shape: known.shape,
                role: statistics.contains(name) ? .statistic : .parameter,
                initializer: initializer, decays: known.shape.rank > 1))
    }

    /// A constant that repeats itself for each sample of the batch, or one that is built for this batch.
    private func placeFollowing(
        _ known: KnownTensor, _ widened: KnownTensor, _ name: String
    ) throws -> Value {
        guard let reference = batch.reference,
            let constant = BatchConstant(known, widened, batch)
        else {
            batch.fix(at: name)
            return try place(known, .computed, name)
        }
        let seed = try graph.constant(constant.seed)
        if constant.seed.shape.rank > 0, constant.seed.shape[constant.axis] > 1 {
            return try tiled(constant, seed, reference)
        }
        guard constant.step != 0 else {
            return try tracked(BroadcastTo(constant.extents), [seed, reference])
        }
        let index = try tracked(BatchIndex(), [reference])
        let trailing = known.shape.rank - 1 - constant.axis
        let ones = [ReshapeDimension](repeating: .size(1), count: trailing)
        let along = try tracked(Reshape(to: [.copy(0)] + ones), [index])
        let steps = try tracked(Affine(scale: constant.step), [along])
        return try tracked(Binary(.add), [seed, steps])
    }

    /// What each sample has, one after the other along an axis.
    private func tiled(
        _ constant: BatchConstant, _ seed: Value, _ reference: Value
    ) throws -> Value {
        let axis = constant.axis
        let shape = constant.seed.shape
        let before = (0..<axis).map { ReshapeDimension.copy($0) }
        let parts = (axis..<shape.rank).map { ReshapeDimension.copy($0) }
        let apart = try tracked(Reshape(to: before + [.size(1)] + parts), [seed])
        var extents = [BroadcastExtent](repeating: .keep, count: shape.rank + 1)
        extents[axis] = .batch(times: 1)
        let repeated = try tracked(BroadcastTo(extents), [apart, reference])
        let after = ((axis + 2)..<(shape.rank + 1)).map { ReshapeDimension.copy($0) }
        return try tracked(Reshape(to: before + [.infer] + after), [repeated])
    }

    private func tracked(_ operation: any Operator, _ inputs: [Value]) throws -> Value {
        let node = try graph.append(operation, inputs)
        track(node)
        return node.output()
    }

    /// The type of a value if the batch were one larger.
    func widenedType(of value: Value) -> TensorType {
        (isFolding ? nil : batch.types[value]) ?? graph.type(of: value)
    }

    /// The shape of an operand if the batch were one larger.
    func widenedShape(of operand: Operand) -> Shape {
        if let widened = operand.widened { return widened.shape }
        return operand.value.map { widenedType(of: $0).shape } ?? operand.shape
    }

    /// Follows the batch through a node.
    func track(_ node: Node) {
        if !isFolding { batch.follow(node, in: graph) }
    }

    /// Refuses a node whose outputs nobody could hold in memory.
    func check(_ node: Node) throws {
        for type in node.outputs {
            guard
                try CheckedExtents.count(type.shape.dimensions, node: node.name)
                    <= options.elementLimit
            else {
                throw InterchangeError(
                    .tooLarge, node: node.name,
                    "its result \(type.shape) has more than \(options.elementLimit) elements")
            }
        }
    }
}
