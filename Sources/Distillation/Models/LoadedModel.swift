package import Execution
import Foundation
package import Graphs
import Interchange
package import Modalities
import Networks
package import Tensors

/// A model of the state folder, ready to be built into inference graphs of any batch and size.
///
/// Graphs take the modality's physical values (RGB in 0...1, depth in metres) under the modality's name
/// and give `logits` (if the model has a head), `features` (the last map) and `pooled`.
package struct LoadedModel {
    package let document: ModelDocument
    package let folder: String
    package let plugin: ModalityPlugin
    /// Weights by state name; empty for ONNX, whose graph carries them.
    package let weights: [String: Tensor<Float>]

    private let imported: ImportedModel?

    /// Reads a model's folder.
    ///
    /// - Throws: `DistillationError` for a missing or damaged model, `PluginError` where no plugin reads
    ///   the model's modality.
    package init(folder: String, host: PluginHost) throws {
        self.folder = folder
        document = try ModelDocument.read(folder: folder)
        plugin = try host.plugin(modality: document.modality)
        let path = folder + "/" + document.weights
        switch document.kind {
        case .network:
            let file = try SafeTensorsFile(URL(fileURLWithPath: path))
            var weights: [String: Tensor<Float>] = [:]
            for entry in file.entries { weights[entry.name] = try file.floats(entry.name) }
            self.weights = weights
            imported = nil
        case .onnx:
            weights = [:]
            var options = ImportOptions(reading: document.reading)
            if let input = document.inputName {
                let layout =
                    document.layout
                    ?? InputLayout(
                        height: document.inputSize, width: document.inputSize, channelsLast: false)
                options.shapes[input] = layout.shape(channels: plugin.channels)
            }
            imported = try ONNXImporter(options).model(at: URL(fileURLWithPath: path))
        }
    }

    /// Builds the inference graph.
    ///
    /// - Parameters:
    ///   - size: side of the square input; nil: the model's own.
    ///   - outputs: which of `logits`, `features` and `pooled` can be read.
    package func inferenceGraph(
        batch: Int, size: Int? = nil, outputs: Set<String> = ["logits", "features", "pooled"]
    ) throws -> Graph {
        var graph = Graph()
        let side = size ?? document.inputSize
        let input = try graph.input(
            document.modality, [batch, plugin.channels, side, side])
        if let network = document.network {
            let encoded = try encoded(input, network, in: &graph)
            var taps = try network.build(into: &graph, encoded: encoded, training: false)
            if let classifier = document.classifier {
                taps = try classifier.complete(&graph) { try self.classifier(for: $0) }
            }
            let values = [
                ("logits", taps.logits), ("features", taps.features), ("pooled", taps.pooled),
            ]
            for (name, value) in values where outputs.contains(name) {
                if let value { graph.output(name, value) }
            }
            return graph
        }
        guard let imported else {
            throw DistillationError(
                "model.damaged", "\(folder)/model.json describes neither a network nor a graph",
                hint: "import the model again")
        }
        return try importedGraph(imported, input: input, outputs: outputs, in: &graph)
    }

    /// Gives a store this model's weights for the states that `graph` declares.
    package func load(into store: StateStore, for graph: Graph) throws {
        try store.declare(statesOf: graph, seed: 0, known: try states(of: graph))
    }

    /// The values of the states that `graph` declares; those of an imported graph lie in its declarations.
    ///
    /// - Throws: `DistillationError` for a state that the model has no tensor for.
    func states(of graph: Graph) throws -> [String: Tensor<Float>] {
        var states: [String: Tensor<Float>] = [:]
        for (declaration, _) in graph.states {
            if case .values(let tensor) = declaration.initializer {
                states[declaration.name] = tensor
            } else if let tensor = weights[declaration.name] {
                states[declaration.name] = tensor
            } else if document.kind == .network {
                throw DistillationError(
                    "model.damaged",
                    "\(folder)/\(document.weights) has no tensor `\(declaration.name)`",
                    hint: "import or train the model again")
            }
        }
        return states
    }

    /// The weights under the names that an architecture gives its states, and how many of its normalisations
    /// they have folded away.
    ///
    /// - Parameter target: the architecture's inference graph.
    func weights(for target: Graph) -> (states: [String: Tensor<Float>], folded: Int) {
        guard let imported else { return (weights, 0) }
        let found = ImportedWeights(of: imported.graph, values: imported.states, to: target)
        return (found.states, found.folded.count)
    }

    /// Whether scores come straight from a dense layer, so that they ought to lie on both sides of 0.
    var mayAnswerProbabilities: Bool { imported?.hasPlainScores ?? false }

    /// What a network of ours sees of a picture: its plugin's encoding, or preprocessing that no encoding means.
    private func encoded(
        _ input: Value, _ network: NetworkDescriptor, in graph: inout Graph
    ) throws -> Value {
        guard let preprocessing = document.preprocessing, !preprocessing.isEncoding else {
            return try graph.encode(input, with: plugin, encoding: network.encoding)
        }
        return try prepared(input, preprocessing, in: &graph)
    }

    /// The plugin decodes to 0...1, preprocessing is defined on 0...255.
    private func prepared(
        _ input: Value, _ preprocessing: Preprocessing, in graph: inout Graph
    ) throws -> Value {
        try preprocessing.apply(to: graph.affine(input, scale: 255, offset: 0), in: &graph)
    }

    private func importedGraph(
        _ imported: ImportedModel, input: Value, outputs: Set<String>, in graph: inout Graph
    ) throws -> Graph {
        var prepared =
            try document.preprocessing.map { try self.prepared(input, $0, in: &graph) } ?? input
        if let layout = document.layout {
            let shape = graph.shape(of: prepared)
            // Of another size than its own the shape is kept.
            let height = shape[2] * layout.height / layout.side
            let width = shape[3] * layout.width / layout.side
            if height != shape[2] || width != shape[3] {
                prepared = try graph.resize(
                    prepared, height: height, width: width, mode: .bilinear)
            }
            if layout.channelsLast { prepared = try graph.transpose(prepared, [0, 2, 3, 1]) }
        }
        let bound = try bound(imported, to: graph.shape(of: prepared))
        var taps: [String: Value] = [:]
        taps["logits"] = bound.logits
        taps["features"] = bound.features
        taps["vector"] = bound.vector
        let images = try graph.inline(
            bound.graph, inputs: [bound.inputs[0].name: prepared], naming: taps)
        guard let features = images["features"] else {
            throw DistillationError("model.no_features", "\(folder) has no feature map")
        }
        if let logits = images["logits"], outputs.contains("logits") {
            graph.output("logits", try graph.flatten(logits))
        }
        if outputs.contains("features") { graph.output("features", features) }
        if outputs.contains("pooled") {
            let pooled =
                try images["vector"]
                ?? (graph.shape(of: features).rank == 2
                    ? features
                    : graph.reduce(.mean, features, axes: [2, 3], keepDimensions: false))
            graph.output("pooled", pooled)
        }
        return graph
    }

    /// The teacher's classifier that this model answers with, for maps of a shape.
    private func classifier(for shape: Shape) throws -> Graph {
        let url = URL(fileURLWithPath: folder + "/" + ReusedClassifier.fileName)
        let options = ImportOptions(shapes: [ReusedClassifier.input: shape])
        return try ONNXImporter(options).model(at: url).graph
    }

    /// The imported graph for images of another batch and size.
    private func bound(_ imported: ImportedModel, to shape: Shape) throws -> ImportedModel {
        guard let port = imported.inputs.first, imported.inputs.count == 1 else {
            throw DistillationError(
                "model.inputs",
                "\(folder)/\(document.weights) has \(imported.inputs.count) inputs, expected one image",
                hint: "export the image encoder alone")
        }
        guard port.shape != shape else { return imported }
        return try ONNXImporter(
            ImportOptions(shapes: [port.name: shape], reading: document.reading)
        ).model(at: URL(fileURLWithPath: folder + "/" + document.weights))
    }
}
