import Graphs
import Tensors

/// Operators whose results are known while importing.
enum ConstantConverters {
    static func constant(_ node: NodeConversion) throws -> [Operand] {
        if let proto = try node.attributes.tensor("value") {
            let name = "\(node.name) (Constant)"
            return [Operand(try node.model.decoding.decode(proto, node: name))]
        }
        if let number = try node.attributes.number("value_float") {
            return [Operand(KnownTensor(Tensor(scalar: number), element: .float32))]
        }
        if let numbers = try node.attributes.numbers("value_floats") {
            let tensor = Tensor(shape: [numbers.count], values: numbers)
            return [Operand(KnownTensor(tensor, element: .float32))]
        }
        if let number = try node.attributes.integer("value_int") {
            return [Operand(KnownTensor(Tensor(scalar: Double(number)), element: .int64))]
        }
        if let numbers = try node.attributes.unlimitedIntegers("value_ints") {
            return [Operand(KnownTensor(integers: numbers))]
        }
        throw node.refusal("it holds no tensor of numbers")
    }

    /// One value everywhere; however large, nothing is allocated here.
    static func fill(_ node: NodeConversion) throws -> [Operand] {
        let shape = try node.integers(0, "the shape")
        guard try CheckedExtents.count(shape, node: node.name) <= node.model.options.elementLimit
        else { throw node.malformed("\(shape) has too many elements") }
        var value = 0.0
        var element = ElementType.float32
        if let proto = try node.attributes.tensor("value") {
            let known = try node.model.decoding.decode(proto, node: node.name)
            guard known.count == 1 else { throw node.malformed("its value is not one number") }
            value = known.doubles.values[0]
            element = known.element
        }
        return [
            Operand(KnownTensor(shape: Shape(shape), element: element, storage: .fill(value)))
        ]
    }

    static func shape(_ node: NodeConversion) throws -> [Operand] {
        let extents = try node.shape(0).dimensions
        func clamped(_ index: Int) -> Int {
            min(max(index < 0 ? index + extents.count : index, 0), extents.count)
        }
        let start = clamped(try node.attributes.integer("start") ?? 0)
        let end = clamped(try node.attributes.integer("end") ?? extents.count)
        func part(_ extents: [Int]) -> KnownTensor {
            KnownTensor(integers: start < end ? Array(extents[start..<end]) : [])
        }
        var result = Operand(part(extents))
        let widened = try node.widenedShape(0).dimensions
        if widened[min(start, end)..<end] != extents[min(start, end)..<end] {
            result.widened = part(widened)
        }
        return [result]
    }

    static func size(_ node: NodeConversion) throws -> [Operand] {
        func count(_ shape: Shape) -> KnownTensor {
            KnownTensor(Tensor(scalar: Double(shape.count)), element: .int64)
        }
        var result = Operand(count(try node.shape(0)))
        let widened = try node.widenedShape(0)
        if widened.count != result.known.map({ Int($0.doubles.values[0]) }) {
            result.widened = count(widened)
        }
        return [result]
    }

    static func range(_ node: NodeConversion) throws -> [Operand] {
        let start = try node.number(0, "the start")
        let limit = try node.number(1, "the limit")
        let step = try node.number(2, "the step")
        let steps = ((limit - start) / step).rounded(.up)
        guard step != 0, steps.isFinite, steps < 0x1p24 else {
            throw node.malformed("from \(start) to \(limit) by \(step)")
        }
        let count = Int(max(steps, 0))
        let values = (0..<count).map { index -> Double in start + Double(index) * step }
        let tensor = Tensor(shape: [values.count], values: values)
        return [Operand(KnownTensor(tensor, element: try node.element(0)))]
    }

    static func diagonal(_ node: NodeConversion) throws -> [Operand] {
        let shape = try node.shape(0)
        let offset = try node.attributes.integer("k") ?? 0
        var element = try node.element(0)
        if let number = try node.attributes.integer("dtype") {
            element = try ElementType(onnx: Int32(clamping: number), node: node.name)
        }
        guard shape.rank == 2, shape.count <= 1 << 24 else {
            throw node.malformed("expects a matrix, got \(shape)")
        }
        var tensor = Tensor(shape: shape, repeating: 0.0)
        for row in 0..<shape[0] where (0..<shape[1]).contains(row + offset) {
            tensor[row, row + offset] = 1
        }
        return [Operand(KnownTensor(tensor, element: element))]
    }
}
