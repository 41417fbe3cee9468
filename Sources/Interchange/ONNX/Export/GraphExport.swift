import Foundation
import Graphs
import Tensors

/// The state of one export: the nodes and initializers written so far and the names they have.
final class GraphExport {
    let graph: Graph
    private(set) var nodes: [Onnx_NodeProto] = []
    private(set) var initializers: [Onnx_TensorProto] = []
    private(set) var usedInputs: Set<String> = []
    private let states: [String: Tensor<Float>]
    private let outputs: [(name: String, value: Value)]
    private var names: [Value: String] = [:]
    private var taken: Set<String>
    private var scalars: [UInt32: String] = [:]
    private var integerLists: [[Int]: String] = [:]

    init(_ graph: Graph, states: [String: Tensor<Float>], outputs: [(name: String, value: Value)]) {
        self.graph = graph
        self.states = states
        self.outputs = outputs
        taken = Set(outputs.map(\.name) + graph.inputs.map(\.name))
    }

    func run() throws {
        var refused: [String] = []
        reserveOutputNames()
        for index in needed().sorted() {
            let node = graph.nodes[index]
            do {
                try export(node)
            } catch let error as InterchangeError where error.code == .unsupported {
                refused.append("\(node.name) (\(node.operation.kind))")
            }
        }
        guard refused.isEmpty else {
            throw InterchangeError(
                .unsupported, node: refused.joined(separator: ", "),
                "operators without an ONNX form", hint: "build the network for inference first")
        }
        for (name, value) in outputs {
            let source = try self.name(value)
            if source != name { emit("Identity", [source], as: name) }
        }
    }

    /// The nodes that the outputs depend on.
    private func needed() -> Set<Int> {
        var found: Set<Int> = []
        var open = outputs.map(\.value.node)
        while let index = open.popLast() {
            if found.insert(index).inserted { open += graph.nodes[index].inputs.map(\.node) }
        }
        return found
    }

    /// A computed value that is an output carries the output's name from the start.
    private func reserveOutputNames() {
        for (name, value) in outputs where names[value] == nil {
            switch graph.node(of: value).operation {
            case is Input, is State, is Constant, is StopGradient: continue
            default: names[value] = name
            }
        }
    }

    private func export(_ node: Node) throws {
        switch node.operation {
        case let input as Input:
            usedInputs.insert(input.name)
            names[node.output()] = input.name
        case let state as State:
            let name = state.declaration.name
            guard let value = states[name], value.shape == state.declaration.shape else {
                throw InterchangeError(
                    .unbound, node: name,
                    "the state has no value of shape \(state.declaration.shape)")
            }
            let free = unique(name)
            names[node.output()] = free
            initializers.append(tensor(value, free))
        case let constant as Constant:
            let free = unique(node.name)
            names[node.output()] = free
            initializers.append(tensor(constant.value.map { Float($0) }, free))
        default:
            try ONNXExportTable.export(node, in: self)
        }
    }

    // MARK: Names

    /// The ONNX name of a value that is already written.
    func name(_ value: Value) throws -> String {
        guard let name = names[value] else {
            throw InterchangeError(
                .malformed, node: graph.node(of: value).name, "is used before it is computed")
        }
        return name
    }

    /// The name that a node's result shall have.
    func resultName(_ node: Node, output: Int = 0) -> String {
        let value = node.output(output)
        if let name = names[value] { return name }
        let name = unique(output == 0 ? node.name : "\(node.name)_\(output)")
        names[value] = name
        return name
    }

    /// Lets a value stand for another: nothing is written.
    func alias(_ value: Value, _ source: Value) throws {
        let name = try name(source)
        if let wanted = names[value] {
            emit("Identity", [name], as: wanted)
        } else {
            names[value] = name
        }
    }

    func unique(_ base: String) -> String {
        var name = base
        var number = 0
        while !taken.insert(name).inserted {
            number += 1
            name = "\(base)_\(number)"
        }
        return name
    }

    // MARK: Parts

    /// Writes a node with one result and returns the result's name.
    @discardableResult
    func emit(
        _ kind: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = [],
        as name: String
    ) -> String {
        var node = Onnx_NodeProto()
        node.opType = kind
        node.name = "\(name)/\(kind)"
        node.input = inputs
        node.output = [name]
        node.attribute = attributes
        nodes.append(node)
        return name
    }

    /// Writes a node in between, under a name of its own.
    func step(
        _ kind: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = [], of node: Node
    ) -> String {
        emit(kind, inputs, attributes, as: unique("\(node.name)/\(kind)"))
    }

    func scalar(_ value: Double) -> String {
        let float = Float(value)
        if let name = scalars[float.bitPattern] { return name }
        let name = unique("scalar_\(scalars.count)")
        scalars[float.bitPattern] = name
        initializers.append(tensor(Tensor(scalar: float), name))
        return name
    }

    func integers(_ values: [Int]) -> String {
        if let name = integerLists[values] { return name }
        let name = unique("integers_\(integerLists.count)")
        integerLists[values] = name
        var proto = Onnx_TensorProto()
        proto.name = name
        proto.dataType = ElementType.int64.onnx
        proto.dims = [Int64(values.count)]
        proto.int64Data = values.map { Int64($0) }
        initializers.append(proto)
        return name
    }

    func floats(_ values: [Double]) -> String {
        let name = unique("numbers")
        initializers.append(
            tensor(Tensor(shape: [values.count], values: values.map { Float($0) }), name))
        return name
    }

    private func tensor(_ tensor: Tensor<Float>, _ name: String) -> Onnx_TensorProto {
        var proto = Onnx_TensorProto()
        proto.name = name
        proto.dataType = ElementType.float32.onnx
        proto.dims = tensor.shape.dimensions.map { Int64($0) }
        proto.rawData = ByteLayout.bytes(tensor.values, .float32)
        return proto
    }
}

extension Onnx_AttributeProto {
    static func integer(_ name: String, _ value: Int) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .int
        attribute.i = Int64(value)
        return attribute
    }

    static func integers(_ name: String, _ values: [Int]) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .ints
        attribute.ints = values.map { Int64($0) }
        return attribute
    }

    static func number(_ name: String, _ value: Double) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .float
        attribute.f = Float(value)
        return attribute
    }

    static func text(_ name: String, _ value: String) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .string
        attribute.s = Data(value.utf8)
        return attribute
    }
}
