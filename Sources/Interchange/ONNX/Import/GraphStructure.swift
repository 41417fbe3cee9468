import Tensors

/// The structure of an ONNX graph once it has been found sound: what is defined where, in which order.
struct GraphStructure {
    /// The nodes that outputs depend on, each after those it uses.
    let nodes: [Onnx_NodeProto]
    /// Inputs that are not mere declarations of initializers.
    let inputs: [Onnx_ValueInfoProto]
    let initializers: [String: Onnx_TensorProto]
    let outputs: [Onnx_ValueInfoProto]

    /// - Throws: `InterchangeError.malformed` for duplicate and dangling names and for cycles.
    init(_ graph: Onnx_GraphProto) throws {
        guard graph.sparseInitializer.isEmpty else {
            throw InterchangeError(.unsupported, "sparse initializers are not supported")
        }
        var initializers: [String: Onnx_TensorProto] = [:]
        for tensor in graph.initializer {
            guard !tensor.name.isEmpty, initializers.updateValue(tensor, forKey: tensor.name) == nil
            else {
                throw InterchangeError(
                    .malformed, node: tensor.name, "two initializers have this name, or it is empty"
                )
            }
        }
        var inputNames: Set<String> = []
        for input in graph.input {
            guard !input.name.isEmpty, inputNames.insert(input.name).inserted else {
                throw InterchangeError(
                    .malformed, node: input.name, "two inputs have this name, or it is empty")
            }
        }
        self.initializers = initializers
        inputs = graph.input.filter { initializers[$0.name] == nil }
        outputs = graph.output
        nodes = try GraphStructure.ordered(
            graph, known: inputNames.union(initializers.keys))
    }

    /// Finds each value's producer, follows the outputs back and sorts what they need.
    private static func ordered(
        _ graph: Onnx_GraphProto, known: Set<String>
    ) throws -> [Onnx_NodeProto] {
        var producers: [String: Int] = [:]
        for (index, node) in graph.node.enumerated() {
            for output in node.output where !output.isEmpty {
                guard !known.contains(output), producers.updateValue(index, forKey: output) == nil
                else {
                    throw InterchangeError(
                        .malformed, node: node.displayName, "gives '\(output)' a second value")
                }
            }
        }
        var outputNames: Set<String> = []
        for output in graph.output {
            guard outputNames.insert(output.name).inserted else {
                throw InterchangeError(.malformed, node: output.name, "two outputs have this name")
            }
            guard known.contains(output.name) || producers[output.name] != nil else {
                throw InterchangeError(
                    .malformed, node: output.name, "nothing computes this output")
            }
        }
        guard !graph.output.isEmpty else {
            throw InterchangeError(.malformed, "the graph has no outputs")
        }
        var order = Ordering(graph: graph, known: known, producers: producers)
        for output in graph.output {
            if let producer = producers[output.name] { try order.visit(producer) }
        }
        let asWritten = order.sorted.sorted().map { graph.node[$0] }
        return asWritten.isTopological(known) ? asWritten : order.sorted.map { graph.node[$0] }
    }

    /// Depth-first search with its own stack, so that no chain of nodes is too long.
    private struct Ordering {
        let graph: Onnx_GraphProto
        let known: Set<String>
        let producers: [String: Int]
        private(set) var sorted: [Int] = []
        private var marks: [Int: Bool] = [:]

        init(graph: Onnx_GraphProto, known: Set<String>, producers: [String: Int]) {
            self.graph = graph
            self.known = known
            self.producers = producers
        }

        mutating func visit(_ root: Int) throws {
            var stack: [(node: Int, next: Int)] = []
            if marks[root] == nil {
                stack.append((root, 0))
                marks[root] = false
            }
            while let (index, next) = stack.last {
                let node = graph.node[index]
                guard next < node.input.count else {
                    marks[index] = true
                    sorted.append(index)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let name = node.input[next]
                if name.isEmpty || known.contains(name) { continue }
                guard let producer = producers[name] else {
                    throw InterchangeError(
                        .malformed, node: node.displayName, "uses '\(name)', which nothing computes"
                    )
                }
                switch marks[producer] {
                case .some(true): continue
                case .some(false):
                    throw InterchangeError(
                        .malformed, node: node.displayName, "depends on itself through '\(name)'")
                case .none:
                    marks[producer] = false
                    stack.append((producer, 0))
                }
            }
        }
    }
}

extension [Onnx_NodeProto] {
    /// Whether every node comes after those it uses, as ONNX demands.
    fileprivate func isTopological(_ known: Set<String>) -> Bool {
        var defined = known
        for node in self {
            guard node.input.allSatisfy({ $0.isEmpty || defined.contains($0) }) else {
                return false
            }
            defined.formUnion(node.output)
        }
        return true
    }
}

extension Onnx_NodeProto {
    /// What people call the node: its name, else its first output, else its operator.
    var displayName: String {
        if !name.isEmpty { return name }
        return output.first { !$0.isEmpty } ?? opType
    }
}
