import CDistillPlugin

/// The host's end of the C callbacks while one encoding is built.
protocol EncodingContext: AnyObject {
    /// The builder's own error, which is better than what the plugin makes of it.
    var failure: (any Error)? { get }
    func operation(_ name: String, inputs: [Int64], attributes: [String: [Double]]) throws -> Int64
    func constant(_ values: [Float], shape: [Int]) throws -> Int64
    func record(_ error: any Error)
}

/// Keeps the builder and the nodes it made; a C handle is an index into them.
final class EncodingSession<Builder: EncodingBuilder>: EncodingContext {
    var builder: Builder
    private var nodes: [Builder.Node]
    private(set) var failure: (any Error)?

    init(builder: Builder, input: Builder.Node) {
        self.builder = builder
        nodes = [input]
    }

    func node(_ handle: Int64) throws -> Builder.Node {
        guard handle >= 0, handle < Int64(nodes.count) else {
            throw PluginError(
                code: "plugin.graph_node",
                message: "the plugin names node \(handle), but there are only \(nodes.count)")
        }
        return nodes[Int(handle)]
    }

    func operation(
        _ name: String, inputs: [Int64], attributes: [String: [Double]]
    ) throws -> Int64 {
        nodes.append(
            try builder.operation(name, inputs: inputs.map(node), attributes: attributes))
        return Int64(nodes.count - 1)
    }

    func constant(_ values: [Float], shape: [Int]) throws -> Int64 {
        nodes.append(try builder.constant(values, shape: shape))
        return Int64(nodes.count - 1)
    }

    func record(_ error: any Error) { failure = failure ?? error }
}

/// A class reference that C can carry.
private final class EncodingContextBox {
    let context: any EncodingContext
    init(_ context: any EncodingContext) { self.context = context }

    func run(
        _ output: UnsafeMutablePointer<distill_node>?,
        _ status: UnsafeMutablePointer<distill_status>?, _ body: () throws -> Int64
    ) -> Int32 {
        do {
            let node = try body()
            output?.pointee = node
            return 0
        } catch {
            context.record(error)
            status?.fill(code: "graph.refused", message: "\(error)")
            return 1
        }
    }
}

/// Lends `context` to C as a table of functions for the length of a call.
func withGraphBuilder<Result>(
    for context: any EncodingContext, _ body: (UnsafePointer<distill_graph_builder>) -> Result
) -> Result {
    let box = EncodingContextBox(context)
    var table = distill_graph_builder()
    table.struct_size = UInt32(MemoryLayout<distill_graph_builder>.size)
    table.context = Unmanaged.passUnretained(box).toOpaque()
    table.operation = {
        context, name, inputs, inputCount, attributes, attributeCount, output, status in
        guard let context, let name else { return 1 }
        let box = Unmanaged<EncodingContextBox>.fromOpaque(context).takeUnretainedValue()
        return box.run(output, status) {
            var named: [String: [Double]] = [:]
            for attribute in UnsafeBufferPointer(start: attributes, count: attributeCount) {
                named[try attribute.name.text(of: "an attribute's name")] = Array(
                    UnsafeBufferPointer(start: attribute.values, count: attribute.count))
            }
            return try box.context.operation(
                String(cString: name),
                inputs: Array(UnsafeBufferPointer(start: inputs, count: inputCount)),
                attributes: named)
        }
    }
    table.constant = { context, values, shape, rank, output, status in
        guard let context else { return 1 }
        let box = Unmanaged<EncodingContextBox>.fromOpaque(context).takeUnretainedValue()
        return box.run(output, status) {
            let shape = UnsafeBufferPointer(start: shape, count: rank).map { Int($0) }
            let count = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
            guard shape.allSatisfy({ (1...65_536).contains($0) }), (1...(1 << 24)).contains(count)
            else {
                throw PluginError(
                    code: "plugin.graph_constant",
                    message:
                        "the plugin adds a constant of shape \(shape), expected 1 to 2^24 values")
            }
            return try box.context.constant(
                Array(UnsafeBufferPointer(start: values, count: count)), shape: shape)
        }
    }
    return withExtendedLifetime(box) { withUnsafePointer(to: &table) { body($0) } }
}
