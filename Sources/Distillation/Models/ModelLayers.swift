import Foundation
import Graphs
import Tensors

/// layers.json: what a model consists of, node by node, for one image of its own size.
package struct ModelLayers: Sendable, Codable, Equatable {
    package struct Layer: Sendable, Codable, Equatable {
        package var name: String
        package var operation: String
        /// Of the first result, `[1, ...]`.
        package var shape: [Int]
        /// Elements of the parameters that it is the first to read.
        package var parameters: Int
        package var multiplyAdds: Int
        /// The names by which a recipe can tap it, the handiest first; empty: it cannot be compared sample by sample.
        package var taps: [String]

        private enum CodingKeys: String, CodingKey {
            case name, operation, shape, parameters, taps
            case multiplyAdds = "multiply_adds"
        }
    }

    package static let fileName = "layers.json"

    package var layers: [Layer]

    /// Lists the nodes of a model's inference graph.
    package init(of model: LoadedModel) throws {
        let graph = try model.inferenceGraph(batch: 1)
        let pair = try model.inferenceGraph(batch: 2)
        let outputs = graph.outputs.map { ($0.name, $0.value) }
        var names: [Value: [String]] = [:]
        let known = Set(outputs.map(\.0))
        // An output goes before a label of the same name.
        let labels = graph.labels.filter { !known.contains($0.key) }
        for (name, value) in outputs + labels.map({ ($0.key, $0.value) }) {
            names[value, default: []].append(name)
        }
        let rows = GraphSummary(of: graph).rows
        let nodes = graph.nodes.filter { !$0.inputs.isEmpty }
        layers = zip(nodes, rows).map { node, row in
            let value = node.output()
            let own = names[value] ?? [row.name]
            // A graph for one sample is copied for two: only names find the value again.
            let twin =
                pair.nodes.count == graph.nodes.count
                ? value : own.lazy.compactMap { try? pair.value(named: $0) }.first
            let isComparable =
                twin.map { ModelLayers.isComparable(row.shape, pair.shape(of: $0)) } ?? false
            let taps = Set(own).sorted {
                (known.contains($0) ? 0 : 1, $0.utf8.count, $0)
                    < (known.contains($1) ? 0 : 1, $1.utf8.count, $1)
            }
            return Layer(
                name: row.name, operation: row.kind, shape: row.shape.dimensions,
                parameters: row.parameters, multiplyAdds: row.multiplyAdds,
                taps: isComparable ? taps : [])
        }
    }

    /// Whether a value has a row for each sample: vectors, tokens and maps.
    ///
    /// - Parameters:
    ///   - single: its shape for one image.
    ///   - pair: its shape for two.
    private static func isComparable(_ single: Shape, _ pair: Shape) -> Bool {
        (2...4).contains(single.rank) && single.rank == pair.rank && single[0] == 1 && pair[0] == 2
            && single.dimensions.dropFirst() == pair.dimensions.dropFirst()
    }

    /// Writes `layers.json` into a model's folder.
    package func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let path = folder + "/" + ModelLayers.fileName
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}
