import Graphs
import Tensors

/// One ONNX node on its way into the graph: what a converter asks and what it answers with.
///
/// A converter reads operands and attributes, adds operators, and returns an operand for each output.
final class NodeConversion {
    let name: String
    let kind: String
    let outputCount: Int
    var attributes: NodeAttributes
    let model: ModelImport
    private let inputNames: [String]
    let operands: [Operand?]

    init(_ node: Onnx_NodeProto, operands: [Operand?], in model: ModelImport) throws {
        name = node.displayName
        kind = node.opType
        outputCount = node.output.count
        attributes = try NodeAttributes(node)
        inputNames = node.input
        self.operands = operands
        self.model = model
    }

    var opset: Int { model.opset }
    var inputCount: Int { operands.count }
    var isFed: Bool { operands.contains { $0?.isFed == true } }

    // MARK: Operands

    func has(_ index: Int) -> Bool { index < operands.count && operands[index] != nil }

    func operand(_ index: Int) throws -> Operand {
        guard index < operands.count, let operand = operands[index] else {
            throw malformed("needs its input \(index), which is not given")
        }
        return operand
    }

    func shape(_ index: Int) throws -> Shape { try operand(index).shape }
    func element(_ index: Int) throws -> ElementType { try operand(index).element }

    /// The operand's place in the graph; initializers become states, other constants constants.
    func value(_ index: Int) throws -> Value {
        try model.value(of: operand(index), named: inputNames[index])
    }

    /// Values that must be known now because shapes or attributes depend on them.
    func known(_ index: Int, _ what: String) throws -> KnownTensor {
        let operand = try operand(index)
        if let known = operand.known {
            if operand.widened != nil { model.batch.fix(at: name) }
            return known
        }
        if let offered = operand.offered {
            model.frozen.insert(inputNames[index])
            return offered
        }
        if case .input = operand.origin {
            throw InterchangeError(
                .unbound, node: name,
                "\(what) comes from input '\(inputNames[index])', but shapes depend on it",
                hint: "give the input's value with the import")
        }
        throw refusal("\(what) is computed while running; only constants are supported")
    }

    func integers(_ index: Int, _ what: String) throws -> [Int] {
        let known = try known(index, what)
        guard known.count <= 1 << 16 else { throw malformed("\(what) has \(known.count) elements") }
        return known.integers
    }

    /// Whole numbers together with what they would be if the batch were one larger.
    func batchIntegers(_ index: Int, _ what: String) throws -> (now: [Int], widened: [Int]) {
        guard let operand = index < operands.count ? operands[index] : nil,
            let known = operand.known, let widened = operand.widened
        else {
            let same = try integers(index, what)
            return (same, same)
        }
        guard max(known.count, widened.count) <= 1 << 16 else {
            throw malformed("\(what) has \(known.count) elements")
        }
        return (known.integers, widened.integers)
    }

    /// The shape of an operand if the batch were one larger.
    func widenedShape(_ index: Int) throws -> Shape { try model.widenedShape(of: operand(index)) }

    func widenedShape(of value: Value) -> Shape { model.widenedType(of: value).shape }

    /// Notes that the result holds for this batch alone.
    func fixBatch() { model.batch.fix(at: name) }

    /// Repeats a value to a shape whose extents may follow the batch.
    func broadcast(_ value: Value, to target: Shape, widened: Shape) throws -> Value {
        let shape = shape(of: value).padded(to: target.rank)
        let wide = widenedShape(of: value).padded(to: target.rank)
        if shape == target, wide == widened, self.shape(of: value).rank == target.rank {
            return value
        }
        let extents = target.dimensions.indices.map { axis -> BroadcastExtent in
            if target[axis] == shape[axis], widened[axis] == wide[axis] { return .keep }
            guard target[axis] != widened[axis] else { return .size(target[axis]) }
            guard let times = model.batch.times(target[axis], widened[axis]) else {
                fixBatch()
                return target[axis] == shape[axis] ? .keep : .size(target[axis])
            }
            return .batch(times: times)
        }
        let operation = BroadcastTo(extents)
        guard operation.followsBatch, let reference = model.batch.reference else {
            return try add(operation, value)
        }
        return try add(operation, value, reference)
    }

    func number(_ index: Int, _ what: String) throws -> Double {
        let known = try known(index, what)
        guard known.count == 1 else {
            throw malformed("\(what) should be one number, it has shape \(known.shape)")
        }
        return known.doubles.values[0]
    }

    // MARK: Results

    func add(_ operation: any Operator, _ inputs: Value...) throws -> Value {
        try append(operation, inputs).output()
    }

    func append(_ operation: any Operator, _ inputs: [Value]) throws -> Node {
        let node = try model.graph.scoped(name) { try $0.append(operation, inputs) }
        try model.check(node)
        model.track(node)
        return node
    }

    func constant(_ tensor: Tensor<Double>) throws -> Value {
        try add(Constant(tensor))
    }

    func constant(_ scalar: Double) throws -> Value { try constant(Tensor(scalar: scalar)) }

    func shape(of value: Value) -> Shape { model.graph.shape(of: value) }

    /// An output of a given type, by default that of the first input.
    func result(_ value: Value, _ element: ElementType? = nil) throws -> Operand {
        let type = element ?? operands.first.flatMap { $0?.element } ?? .float32
        return Operand(
            shape: model.graph.shape(of: value), element: type, value: value, isFed: isFed)
    }

    // MARK: Axes

    /// A valid axis for a rank, counted from the end if negative.
    func axis(_ axis: Int, rank: Int) throws -> Int {
        guard axis >= -rank, axis < rank else {
            throw malformed("axis \(axis) does not exist in a tensor of rank \(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }

    func axes(_ axes: [Int], rank: Int) throws -> [Int] {
        let valid = try axes.map { try axis($0, rank: rank) }
        guard Set(valid).count == valid.count else { throw malformed("axes \(axes) repeat") }
        return valid
    }

    // MARK: Errors

    func malformed(_ message: String) -> InterchangeError {
        InterchangeError(.malformed, node: "\(name) (\(kind))", message)
    }

    /// A valid node that is not supported in this form; all of a file are reported together.
    func refusal(_ message: String) -> InterchangeError {
        InterchangeError(.unsupported, node: "\(name) (\(kind))", message)
    }
}
