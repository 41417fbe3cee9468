package import Tensors

/// A static graph of named nodes: what architectures build, objectives extend, differentiation completes,
/// rewrites improve and the executor plans.
///
/// Nodes are in topological order because a node can only use values that exist. The shapes are those of
/// one batch size; `rebound(inputs:)` gives the same graph for others.
package struct Graph: Sendable {
    package private(set) var nodes: [Node] = []
    /// What the caller feeds, in order of declaration.
    package private(set) var inputs: [(name: String, value: Value)] = []
    /// What the caller can read after a run.
    package private(set) var outputs: [(name: String, value: Value)] = []
    package private(set) var states: [(declaration: StateDeclaration, value: Value)] = []
    /// States that take a new value at the end of a run.
    package private(set) var replacements: [(state: String, value: Value)] = []
    /// Further names of values: feature taps such as `layer4`.
    package private(set) var labels: [String: Value] = [:]

    private var byName: [String: Int] = [:]
    private var stateIndices: [String: Int] = [:]
    private var scopes: [String] = []

    package init() {}

    // MARK: Building

    /// Applies an operator and returns its node.
    @discardableResult
    package mutating func append(
        _ operation: any Operator, _ inputs: [Value], name: String? = nil
    ) throws -> Node {
        let scoped = scopedName(name ?? operation.kind, generated: name == nil)
        let outputs: [TensorType]
        do {
            outputs = try operation.infer(inputs.map { type(of: $0) })
            if let output = outputs.first(where: { $0.shape.checkedCount == nil }) {
                throw GraphError(.shape, "\(output.shape) has more elements than can be counted")
            }
        } catch var error as GraphError {
            if error.node.isEmpty { error.node = scoped }
            throw error
        }
        let node = Node(
            index: nodes.count, name: scoped, operation: operation, inputs: inputs, outputs: outputs
        )
        nodes.append(node)
        byName[scoped] = node.index
        return node
    }

    /// Applies an operator with one output.
    package mutating func add(
        _ operation: any Operator, _ inputs: Value..., name: String? = nil
    ) throws -> Value {
        try append(operation, inputs, name: name).output()
    }

    /// Declares a tensor to be fed. Its name is not scoped.
    package mutating func input(
        _ name: String, _ shape: Shape, element: ElementType = .float32
    ) throws -> Value {
        guard !inputs.contains(where: { $0.name == name }) else {
            throw GraphError(.duplicateName, node: name, "there is an input of this name already")
        }
        let value = try unscoped {
            try $0.add(Input(name: name, type: TensorType(shape, element)), name: name)
        }
        inputs.append((name, value))
        return value
    }

    /// Declares or finds a state. Its name is scoped: `layer1.0.conv1` + `weight`.
    package mutating func state(
        _ name: String, _ shape: Shape, role: StateDeclaration.Role, initializer: Initializer,
        decays: Bool = false
    ) throws -> Value {
        try state(
            StateDeclaration(
                name: qualified(name), shape: shape, role: role, initializer: initializer,
                decays: decays))
    }

    /// Declares a state by its full name, or returns the one of that name.
    package mutating func state(_ declaration: StateDeclaration) throws -> Value {
        if let known = declaredState(named: declaration.name) {
            guard known.declaration.shape == declaration.shape else {
                throw GraphError(
                    .duplicateName, node: declaration.name,
                    "declared as \(declaration.shape), but the state has shape "
                        + "\(known.declaration.shape)")
            }
            return known.value
        }
        let value = try unscoped {
            try $0.add(State(declaration: declaration), name: declaration.name)
        }
        stateIndices[declaration.name] = states.count
        states.append((declaration, value))
        return value
    }

    package mutating func constant(_ tensor: Tensor<Double>, name: String? = nil) throws -> Value {
        try add(Constant(tensor), name: name)
    }

    package mutating func constant(_ scalar: Double) throws -> Value {
        try constant(Tensor(scalar: scalar))
    }

    /// Makes a value readable after a run under a name.
    package mutating func output(_ name: String, _ value: Value) {
        precondition(!outputs.contains { $0.name == name }, "two outputs named \(name)")
        outputs.append((name, value))
    }

    /// Gives a state a new value at the end of every run.
    package mutating func replace(state name: String, with value: Value) throws {
        guard let state = declaredState(named: name) else {
            let hint = NearestName.hint(for: name, among: states.map(\.declaration.name))
            throw GraphError(.unknownName, node: name, "no state of this name is declared\(hint)")
        }
        guard shape(of: value) == state.declaration.shape else {
            throw GraphError(
                .shape, node: name,
                "a state of shape \(state.declaration.shape) cannot take \(shape(of: value))")
        }
        precondition(!replacements.contains { $0.state == name }, "state \(name) is replaced twice")
        replacements.append((name, value))
    }

    /// Gives a value a further name, within the current scope, by which taps find it.
    package mutating func label(_ value: Value, _ name: String) {
        labels[qualified(name)] = value
    }

    /// Runs `body` with `name.` before every name that it gives.
    package mutating func scoped<Result>(
        _ name: String, _ body: (inout Graph) throws -> Result
    ) rethrows -> Result {
        scopes.append(name)
        defer { scopes.removeLast() }
        return try body(&self)
    }

    // MARK: Asking

    package func type(of value: Value) -> TensorType { nodes[value.node].outputs[value.output] }
    package func shape(of value: Value) -> Shape { type(of: value).shape }
    package func node(of value: Value) -> Node { nodes[value.node] }

    /// The value that carries a name: a label, an output, or a node's first output.
    ///
    /// - Throws: `GraphError.unknownName` with the nearest known names.
    package func value(named name: String) throws -> Value {
        if let value = labels[name] { return value }
        if let output = outputs.first(where: { $0.name == name }) { return output.value }
        if let index = byName[name] { return Value(node: index) }
        let known = Array(labels.keys) + outputs.map(\.name) + nodes.map(\.name)
        let hint = NearestName.hint(for: name, among: known)
        throw GraphError(.unknownName, node: name, "nothing in the graph has this name\(hint)")
    }

    /// The state of a name and its value, nil if none is declared.
    package func declaredState(
        named name: String
    ) -> (declaration: StateDeclaration, value: Value)? {
        stateIndices[name].map { states[$0] }
    }

    /// The same graph with inputs of other shapes: every type is inferred anew.
    ///
    /// - Throws: `GraphError.unknownName` for an input that is not there, `GraphError.shape` with the node
    ///   that does not fit the new shapes.
    package func rebound(inputs shapes: [String: Shape]) throws -> Graph {
        let known = inputs.map(\.name)
        if let name = shapes.keys.sorted().first(where: { !known.contains($0) }) {
            let hint = NearestName.hint(for: name, among: known)
            throw GraphError(
                .unknownName, node: name,
                "there is no input of this name, only \(known.joined(separator: ", "))\(hint)")
        }
        var result = self
        for index in nodes.indices {
            let node = nodes[index]
            if let input = node.operation as? Input, let shape = shapes[input.name] {
                let type = TensorType(shape, input.type.element)
                result.nodes[index] = Node(
                    index: index, name: node.name, operation: Input(name: input.name, type: type),
                    inputs: [], outputs: [type])
                continue
            }
            do {
                result.nodes[index].outputs = try node.operation.infer(
                    node.inputs.map { result.type(of: $0) })
            } catch var error as GraphError {
                if error.node.isEmpty { error.node = node.name }
                throw error
            }
        }
        return result
    }

    // MARK: Names

    private mutating func unscoped<Result>(
        _ body: (inout Graph) throws -> Result
    ) rethrows -> Result {
        let saved = scopes
        scopes = []
        defer { scopes = saved }
        return try body(&self)
    }

    /// A name within the current scope: `layer1.0` + `conv1`.
    func qualified(_ name: String) -> String {
        (scopes + [name]).joined(separator: ".")
    }

    private func scopedName(_ name: String, generated: Bool) -> String {
        let base = qualified(name)
        if byName[base] == nil && !generated { return base }
        // Generated names carry the node's number, which is unique unless somebody chose it by hand.
        var candidate = "\(base)_\(nodes.count)"
        while byName[candidate] != nil { candidate += "_" }
        return candidate
    }
}
