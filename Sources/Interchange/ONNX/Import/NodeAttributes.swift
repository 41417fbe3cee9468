import Foundation

/// The attributes of one ONNX node, which notes what is read so that nothing is passed over in silence.
struct NodeAttributes {
    private let attributes: [String: Onnx_AttributeProto]
    private let node: String
    private var read: Set<String> = []

    /// Extents, strides and paddings beyond this are nonsense, and sums of them cannot overflow below it.
    static let extentLimit: Int64 = 1 << 31

    init(_ node: Onnx_NodeProto) throws {
        self.node = node.displayName
        var attributes: [String: Onnx_AttributeProto] = [:]
        for attribute in node.attribute {
            guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
                throw InterchangeError(
                    .malformed, node: node.displayName,
                    "attribute '\(attribute.name)' is given twice")
            }
        }
        self.attributes = attributes
    }

    func has(_ name: String) -> Bool { attributes[name] != nil }

    /// Attributes that no converter has asked for.
    var unread: [String] { attributes.keys.filter { !read.contains($0) }.sorted() }

    mutating func integer(_ name: String) throws -> Int? {
        guard let attribute = try attribute(name, .int) else { return nil }
        guard abs(clamping: attribute.i) <= NodeAttributes.extentLimit else {
            throw excessive(name)
        }
        return Int(attribute.i)
    }

    mutating func integers(_ name: String) throws -> [Int]? {
        guard let attribute = try attribute(name, .ints) else { return nil }
        guard attribute.ints.allSatisfy({ abs(clamping: $0) <= NodeAttributes.extentLimit }) else {
            throw excessive(name)
        }
        return attribute.ints.map { Int($0) }
    }

    /// Integers whose size says nothing about extents, such as the ends of a slice.
    mutating func unlimitedIntegers(_ name: String) throws -> [Int]? {
        try attribute(name, .ints)?.ints.map { Int($0) }
    }

    mutating func number(_ name: String) throws -> Double? {
        try attribute(name, .float).map { Double($0.f) }
    }

    mutating func numbers(_ name: String) throws -> [Double]? {
        try attribute(name, .floats)?.floats.map { Double($0) }
    }

    mutating func text(_ name: String) throws -> String? {
        try attribute(name, .string).map { String(decoding: $0.s, as: UTF8.self) }
    }

    mutating func tensor(_ name: String) throws -> Onnx_TensorProto? {
        try attribute(name, .tensor)?.t
    }

    /// Notes attributes that change nothing here.
    mutating func ignore(_ names: String...) {
        read.formUnion(names)
    }

    private mutating func attribute(
        _ name: String, _ type: Onnx_AttributeProto.AttributeType
    ) throws -> Onnx_AttributeProto? {
        read.insert(name)
        guard let attribute = attributes[name] else { return nil }
        guard attribute.refAttrName.isEmpty else {
            throw InterchangeError(
                .unsupported, node: node, "attribute '\(name)' refers to a function's attribute")
        }
        guard attribute.type == type || attribute.type == .undefined else {
            throw InterchangeError(
                .malformed, node: node,
                "attribute '\(name)' should be \(type), the file has \(attribute.type)")
        }
        return attribute
    }

    private func excessive(_ name: String) -> InterchangeError {
        InterchangeError(
            .tooLarge, node: node, "attribute '\(name)' has a value beyond \(Self.extentLimit)")
    }

    private func abs(clamping value: Int64) -> Int64 {
        value == .min ? .max : Swift.abs(value)
    }
}
