package import CDistillPlugin

/// The host's graph builder as an encoding's author wants it: nodes in, nodes out.
package struct EncodingGraph {
    private let table: UnsafePointer<distill_graph_builder>

    /// Wraps the table that `build` was given.
    ///
    /// - Throws: `encoding.builder` where it lacks a function.
    package init(_ table: UnsafePointer<distill_graph_builder>?) throws {
        guard let table, table.pointee.operation != nil, table.pointee.constant != nil else {
            throw PluginFailure("encoding.builder", "the host gave no complete graph builder")
        }
        self.table = table
    }

    /// Adds an operation of the contract.
    package func operation(
        _ name: String, _ inputs: distill_node...,
        attributes: KeyValuePairs<StaticString, Double> = [:]
    ) throws -> distill_node {
        var output: distill_node = -1
        var status = distill_status()
        let values = attributes.map(\.value)
        let result = values.withUnsafeBufferPointer { values in
            let list = attributes.enumerated().map { offset, attribute in
                distill_attribute(
                    name: cLiteral(attribute.key), values: values.baseAddress?.advanced(by: offset),
                    count: 1)
            }
            return table.pointee.operation(
                table.pointee.context, name, inputs, inputs.count, list, list.count, &output,
                &status)
        }
        try check(result, status)
        return output
    }

    /// Adds a constant of the given shape.
    package func constant(_ values: [Float], shape: [Int]) throws -> distill_node {
        var output: distill_node = -1
        var status = distill_status()
        try check(
            table.pointee.constant(
                table.pointee.context, values, shape, shape.count, &output, &status), status)
        return output
    }

    /// Adds a number that broadcasts.
    package func scalar(_ value: Float) throws -> distill_node {
        try constant([value], shape: [1, 1, 1, 1])
    }

    private func check(_ result: Int32, _ status: distill_status) throws {
        guard result == 0 else {
            throw PluginFailure(fixedText(status.code), fixedText(status.message))
        }
    }
}
