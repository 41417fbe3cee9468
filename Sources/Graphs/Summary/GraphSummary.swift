package import Tensors

/// What a graph consists of, node by node, for people.
package struct GraphSummary: Sendable {
    package struct Row: Sendable, Hashable {
        package var name: String
        /// The operator, or the operators' count in a group.
        package var kind: String
        /// The shape of the first output, of the last node in a group.
        package var shape: Shape
        /// Elements of the parameters that it is the first to read.
        package var parameters: Int
        /// Multiplications with an addition, for the batch the graph is bound to.
        package var multiplyAdds: Int
    }

    package var rows: [Row]

    package var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
    package var multiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

    package init(rows: [Row]) {
        self.rows = rows
    }

    /// Lists all nodes but inputs, states and constants.
    package init(of graph: Graph) {
        var seen: Set<Int> = []
        rows = graph.nodes.compactMap { node in
            guard !node.inputs.isEmpty else { return nil }
            var parameters = 0
            for input in node.inputs {
                guard let state = graph.node(of: input).operation as? State,
                    state.declaration.role == .parameter, seen.insert(input.node).inserted
                else { continue }
                parameters += state.declaration.shape.count
            }
            return Row(
                name: node.name, kind: node.operation.kind, shape: node.outputs[0].shape,
                parameters: parameters, multiplyAdds: graph.multiplyAdds(of: node))
        }
    }

    /// One row for each run of nodes that share the first `depth` parts of their names, such as `layer1.0`.
    package func grouped(depth: Int) -> GraphSummary {
        var groups: [Row] = []
        var sizes: [Int] = []
        for row in rows {
            let parts = row.name.split(separator: ".")
            let isInside = parts.count > depth
            let name = isInside ? parts.prefix(depth).joined(separator: ".") : row.name
            if isInside, let last = groups.indices.last, groups[last].name == name {
                sizes[last] += 1
                groups[last].kind = "\(sizes[last]) nodes"
                groups[last].shape = row.shape
                groups[last].parameters += row.parameters
                groups[last].multiplyAdds += row.multiplyAdds
            } else {
                var group = row
                group.name = name
                groups.append(group)
                sizes.append(1)
            }
        }
        return GraphSummary(rows: groups)
    }
}

extension GraphSummary: CustomStringConvertible {
    /// A table with a line of totals.
    package var description: String {
        let head = ["name", "operator", "shape", "parameters", "multiply-adds"]
        let total = ["total", "", "", String(parameters), String(multiplyAdds)]
        let cells = rows.map {
            [$0.name, $0.kind, "\($0.shape)", String($0.parameters), String($0.multiplyAdds)]
        }
        let lines = [head] + cells + [total]
        let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return column < 3 ? line[column] + space : space + line[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

extension Graph {
    /// Elements of all parameters.
    package var parameterCount: Int {
        states.filter { $0.declaration.role == .parameter }
            .reduce(0) { $0 + $1.declaration.shape.count }
    }

    /// Multiplications with an addition in one run, for the batch the graph is bound to.
    package var multiplyAdds: Int { nodes.reduce(0) { $0 + multiplyAdds(of: $1) } }

    /// Multiplications with an addition of one node.
    package func multiplyAdds(of node: Node) -> Int {
        node.operation.multiplyAdds(node.inputs.map { type(of: $0) }, outputs: node.outputs)
    }
}
