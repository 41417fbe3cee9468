import CKernels
import Foundation
package import Graphs
package import Tensors

/// A graph bound to shapes, kernels and memory: feed, run, read, as often as wanted.
///
/// After the first run a run allocates nothing. A plan belongs to the thread that made it, as do its store and
/// all plans that share it.
package final class Plan {
    package let graph: Graph
    package let options: PlanOptions
    let store: StateStore
    private var program: Program
    private var fed: [String: PlanInput] = [:]
    private var results: [String: PlanResult] = [:]
    private let threads: Int
    private let thread = pthread_self()

    init(_ graph: Graph, store: StateStore, options: PlanOptions) throws {
        self.graph = graph
        self.store = store
        self.options = options
        threads = options.threads == 0 ? Processor.cores : options.threads
        distill_set_thread_count(Int32(threads))
        for (name, value) in graph.inputs {
            fed[name] = try PlanInput(name, graph.shape(of: value))
        }
        program = try Self.compile(graph, store, options, fed)
        for (name, output) in program.outputs { results[name] = try PlanResult(output.shape) }
    }

    private static func compile(
        _ graph: Graph, _ store: StateStore, _ options: PlanOptions, _ inputs: [String: PlanInput]
    ) throws -> Program {
        try PlanCompiler(graph, store: store, options: options).compile { name in
            guard let input = inputs[name] else { preconditionFailure("no input \(name)") }
            input.isRead = true
            return input.memory
        }
    }

    private func enter() {
        precondition(
            pthread_equal(thread, pthread_self()) != 0,
            "plan \(options.label) is used by another thread than the one that made it")
        distill_set_thread_count(Int32(threads))
    }

    // MARK: Feeding

    /// Gives an input its values, in row-major order of its shape. They stay until they are fed anew.
    ///
    /// - Throws: `ExecutionError.unknownName`, or `.shape` for another count of values.
    package func feed(_ name: String, values: UnsafeBufferPointer<Float>) throws {
        enter()
        try input(name).feed(values)
    }

    /// - Throws: `ExecutionError.unknownName`, or `.shape` for a tensor of another shape.
    package func feed(_ name: String, _ tensor: Tensor<Float>) throws {
        enter()
        let input = try input(name)
        guard tensor.shape == input.shape else {
            throw ExecutionError(
                .shape, name: name,
                "the input has shape \(input.shape), it was fed a tensor of shape \(tensor.shape)")
        }
        try tensor.values.withUnsafeBufferPointer { try input.feed($0) }
    }

    /// Feeds an input of one element, such as a learning rate.
    package func feed(_ name: String, scalar: Float) throws {
        enter()
        try withUnsafePointer(to: scalar) {
            try input(name).feed(UnsafeBufferPointer(start: $0, count: 1))
        }
    }

    private func input(_ name: String) throws -> PlanInput {
        guard let input = fed[name] else {
            throw ExecutionError(
                .unknownName, name: name,
                "the graph has no such input; it has \(fed.keys.sorted().joined(separator: ", "))")
        }
        return input
    }

    // MARK: Running

    /// Computes all outputs and gives the replaced states their new values.
    ///
    /// - Throws: `ExecutionError.unbound` for an input that was never fed, and what kernels throw; replaced
    ///   states may then hold a mixture of old and new values.
    package func run() throws {
        enter()
        try checkInputs()
        try bindAnew()
        try program.run()
    }

    private func checkInputs() throws {
        for (name, input) in fed where input.isRead && !input.isFed {
            throw ExecutionError(
                .unbound, name: name, "the input of shape \(input.shape) was never fed")
        }
    }

    /// Compiles again if the layout of a state has changed since.
    private func bindAnew() throws {
        guard program.layoutEpoch != store.layoutEpoch else { return }
        program = try Self.compile(graph, store, options, fed)
    }

    // MARK: Reading

    /// An output of the last run, row-major.
    ///
    /// - Throws: `ExecutionError.unknownName`.
    package func read(_ output: String) throws -> Tensor<Float> {
        let shape = try found(output).shape
        return try withOutput(output) { Tensor(shape: shape, values: Array($0)) }
    }

    /// An output of one element.
    ///
    /// - Throws: `ExecutionError.unknownName`, or `.shape` if it has not one element.
    package func scalar(_ output: String) throws -> Float {
        let found = try found(output)
        guard found.shape.count == 1 else {
            throw ExecutionError(
                .shape, name: output, "the output has shape \(found.shape), not one element")
        }
        return found.address.pointee
    }

    /// Lends an output of the last run in row-major order, without allocating.
    ///
    /// - Throws: `ExecutionError.unknownName`, and what `body` throws.
    package func withOutput<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        enter()
        let output = try found(name)
        guard let result = results[name] else { preconditionFailure("output \(name)") }
        return try body(result.rowMajor(output.address))
    }

    private func found(_ output: String) throws -> PlanOutput {
        guard let found = program.outputs[output] else {
            let known = program.outputs.keys.sorted().joined(separator: ", ")
            throw ExecutionError(
                .unknownName, name: output, "the graph has no such output; it has \(known)")
        }
        return found
    }

    // MARK: Reporting

    package var report: PlanReport { PlanReport(program, label: options.label, threads: threads) }

    /// Runs with a clock around every step. Like `run`, it replaces states.
    package func profile(runs: Int = 1) throws -> [StepTiming] {
        enter()
        try checkInputs()
        try bindAnew()
        return try program.profile(runs: runs)
    }
}
