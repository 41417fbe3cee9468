import CKernels
import Graphs
import Tensors

/// Turns a graph into a program: rewrites it, chooses kernels and layouts, orders them and lays out memory.
final class PlanCompiler {
    let graph: Graph
    let store: StateStore
    let options: PlanOptions
    let engine: Engine
    let inference: Bool
    /// Whether convolutions and what lies between them work in bfloat16.
    let half: Bool
    /// Which values are bytes; nil outside of quantised inference.
    let bytes: ByteValues?

    var buffers: [PlannedBuffer] = []
    var drafts: [Draft] = []
    var constants: [(buffer: Int, constant: Constant)] = []
    var places: [Value: (buffer: Int, layout: Layout)] = [:]
    var outputs: [(name: String, buffer: Int, shape: Shape)] = []
    var slowNodes: [String] = []
    let replaced: Set<String>
    private var reordered: [Int: [(layout: Layout, buffer: Int)]] = [:]
    private var stateBuffers: [String: Int] = [:]
    private(set) var sections: Sections
    /// For each node whether a state has a part in it.
    private let isLearned: [Bool]
    /// The section that is being drafted.
    var section = 0
    private var hoisted: [Bool]
    private var live: [Bool]

    /// - Throws: what the rewrites throw, and `ExecutionError` where bytes are asked for and cannot be had.
    init(_ graph: Graph, store: StateStore, options: PlanOptions) throws {
        let rewriter: Rewriter =
            options.inference ? .inference(keeping: .only([])) : .training(keeping: .only([]))
        let rewritten = try rewriter.apply(to: graph)
        self.graph =
            options.fuses && !options.inference
            ? try TrainingFusion().apply(to: rewritten) : rewritten
        self.store = store
        self.options = options
        engine = try store.engine()
        inference = options.inference
        half = options.precision == .bfloat16 && Processor.hasBFloat16
        bytes = try ByteValues(self.graph, options)
        replaced = Set(self.graph.replacements.map(\.state))
        isLearned = self.graph.dependsOnState
        hoisted = [Bool](repeating: false, count: self.graph.nodes.count)
        live = hoisted
        sections = Sections(self.graph, budget: .max, width: 1, isWorked: live)
    }

    /// - Parameter inputs: the memory of each input, made on demand.
    func compile(inputs: (String) throws -> AlignedMemory) throws -> Program {
        for (declaration, _) in graph.states {
            let buffer = try store.buffer(declaration.name)
            guard buffer.shape == declaration.shape else {
                throw ExecutionError(
                    .shape, name: declaration.name,
                    "the store holds this state with shape \(buffer.shape), the graph declares "
                        + "\(declaration.shape)")
            }
        }
        markLive()
        markHoisted()
        try claimLayouts()
        cut()
        for node in graph.nodes { try draft(node) }
        enter(sections.slices.count - 1)
        try draftOutputs()
        try draftReplacements()
        return try emit(inputs: inputs)
    }

    // MARK: What is needed, and when

    /// The inputs of a node whose values it reads.
    func dataInputs(_ node: Node) -> [Value] {
        node.inputs.indices.filter { !KernelTable.readsShapeOnly(node.operation, input: $0) }
            .map { node.inputs[$0] }
    }

    private func markLive() {
        for (_, value) in graph.outputs { live[value.node] = true }
        for (_, value) in graph.replacements { live[value.node] = true }
        for node in graph.nodes.reversed() where live[node.index] {
            for input in dataInputs(node) { live[input.node] = true }
        }
        // The layout of a state may be asked for where its value is not.
        for (_, value) in graph.states { live[value.node] = true }
    }

    private func markHoisted() {
        for node in graph.nodes {
            switch node.operation {
            case is Constant: hoisted[node.index] = true
            case let state as State:
                hoisted[node.index] = !replaced.contains(state.declaration.name)
            case is Input: break
            default:
                hoisted[node.index] = dataInputs(node).allSatisfy { hoisted[$0.node] }
            }
        }
    }

    // MARK: Slices

    private func cut() {
        guard inference else { return }
        sections = Sections(
            graph, budget: options.cacheBytes, width: bytes != nil ? 1 : half ? 2 : 4,
            isWorked: graph.nodes.map { live[$0.index] && !hoisted[$0.index] })
    }

    /// Goes on with another section, where conversions of slices serve no longer.
    private func enter(_ next: Int) {
        guard next != section else { return }
        section = next
        for (source, targets) in reordered {
            reordered[source] = targets.filter { buffers[$0.buffer].home == .persistent }
        }
    }

    /// The type of a value as the present section sees it.
    private func type(_ value: Value) -> TensorType {
        var type = graph.type(of: value)
        let slices = sections.slices[section]
        guard slices > 1, !hoisted[value.node] else { return type }
        var dimensions = type.shape.dimensions
        dimensions[0] /= slices
        type.shape = Shape(dimensions)
        return type
    }

    // MARK: Nodes

    func addBuffer(_ home: PlannedBuffer.Home, byteCount: Int) -> Int {
        buffers.append(PlannedBuffer(home: home, byteCount: byteCount, root: buffers.count))
        return buffers.count - 1
    }

    func byteCount(_ shape: Shape, _ layout: Layout) -> Int {
        switch layout {
        case .standard: shape.count * MemoryLayout<Float>.stride
        case .bfloat16: shape.count * MemoryLayout<UInt16>.stride
        case .weights(let blocks): blocks.byteCount
        case .bytes: shape.count
        case .prepared(let form): form.weights.byteCount
        }
    }

    func stateBuffer(_ name: String) throws -> Int {
        if let known = stateBuffers[name] { return known }
        let state = try store.buffer(name)
        let buffer = addBuffer(.state(name), byteCount: byteCount(state.shape, state.layout))
        stateBuffers[name] = buffer
        return buffer
    }

    private func draft(_ node: Node) throws {
        guard live[node.index] else { return }
        let shape = node.outputs[0].shape
        switch node.operation {
        case let input as Input:
            let buffer = addBuffer(.input(input.name), byteCount: byteCount(shape, .standard))
            buffers[buffer].spansSlices = true
            places[node.output()] = (buffer, .standard)
        case let state as State:
            let name = state.declaration.name
            places[node.output()] = (try stateBuffer(name), try store.buffer(name).layout)
        case let constant as Constant:
            let buffer = addBuffer(.persistent, byteCount: byteCount(shape, .standard))
            buffers[buffer].isPinned = true
            constants.append((buffer, constant))
            places[node.output()] = (buffer, .standard)
        default:
            try draftKernel(node)
        }
    }

    /// Whether a node is computed in bfloat16.
    ///
    /// Not so what encodes an input, such as slopes from metres, whose differences are far smaller than their values.
    func isHalf(_ node: Node) -> Bool { half && !graph.encodesInput(node, isLearned) }

    private func draftKernel(_ node: Node) throws {
        let isHoisted = hoisted[node.index]
        if !isHoisted { enter(sections.section(of: node.index)) }
        // What is hoisted knows of no slices.
        let seen = isHoisted ? graph.type(of:) : type
        let types = node.outputs.indices.map { seen(node.output($0)) }
        let context = KernelContext(
            node: node.with(outputs: types), inputs: node.inputs.map(seen),
            inputLayouts: node.inputs.map { places[$0]?.layout ?? .standard }, engine: engine,
            inference: inference, half: isHalf(node), bytes: bytes)
        let kernel = try KernelTable.kernel(context)
        let demands = kernel.demands
        if kernel is EvaluatingKernel { slowNodes.append("\(node.name) (\(node.operation.kind))") }
        var inputs: [Int?] = []
        for (index, value) in node.inputs.enumerated() {
            guard !KernelTable.readsShapeOnly(node.operation, input: index) else {
                inputs.append(nil)
                continue
            }
            let wanted = demands.inputLayouts.isEmpty ? .standard : demands.inputLayouts[index]
            inputs.append(try buffer(of: value, in: wanted))
        }
        if demands.isAlias, let source = inputs[0] {
            places[node.output()] = (source, demands.outputLayouts[0])
            return
        }
        var outputs: [Int] = []
        for index in node.outputs.indices {
            let layout = demands.outputLayouts.isEmpty ? .standard : demands.outputLayouts[index]
            let value = node.output(index)
            let spans = !isHoisted && sections.spanning.contains(value)
            let shape = spans ? graph.shape(of: value) : types[index].shape
            let buffer = addBuffer(
                isHoisted ? .persistent : .arena, byteCount: byteCount(shape, layout))
            buffers[buffer].spansSlices = spans
            places[value] = (buffer, layout)
            outputs.append(buffer)
        }
        drafts.append(
            Draft(
                kernel: kernel, name: node.name, kind: node.operation.kind, inputs: inputs,
                outputs: outputs, isHoisted: isHoisted, section: section))
    }

    /// The buffer that holds a value in a layout, reordered once for all who want it so.
    func buffer(of value: Value, in wanted: Layout) throws -> Int {
        guard let place = places[value] else {
            preconditionFailure("\(graph.node(of: value).name) is used before it is computed")
        }
        guard place.layout != wanted else { return place.buffer }
        if let known = reordered[place.buffer]?.first(where: { $0.layout == wanted }) {
            return known.buffer
        }
        // Only the standard layout is converted to any other; blocks of weights are moved as they are.
        let isDirect =
            switch (place.layout, wanted) {
            case (.standard, _), (_, .standard), (.weights, .weights): true
            default: false
            }
        let source = isDirect ? place.buffer : try buffer(of: value, in: .standard)
        let from = isDirect ? place.layout : .standard
        let isHoisted = hoisted[value.node]
        let shape = type(value).shape
        let target = addBuffer(
            isHoisted ? .persistent : .arena, byteCount: byteCount(shape, wanted))
        let kernel = try conversion(shape, from: from, to: wanted)
        drafts.append(
            Draft(
                kernel: kernel, name: graph.node(of: value).name,
                kind: kernel is WeightReorderKernel ? "Reorder" : "Conversion",
                inputs: [source], outputs: [target], isHoisted: isHoisted, section: section))
        reordered[place.buffer, default: []].append((wanted, target))
        return target
    }

    private func conversion(
        _ shape: Shape, from: Layout, to wanted: Layout
    ) throws -> any Kernel {
        switch (from, wanted) {
        case (.bfloat16, _): ConversionKernel(shape, narrows: false)
        case (_, .bfloat16): ConversionKernel(shape, narrows: true)
        case (.bytes(let scale), _): ByteConversionKernel(shape, scale, narrows: false)
        case (_, .bytes(let scale)): ByteConversionKernel(shape, scale, narrows: true)
        case (_, .prepared(let form)): try form.weights.preparation(engine)
        default: try WeightReorderKernel(engine, from: from, to: wanted)
        }
    }
}
