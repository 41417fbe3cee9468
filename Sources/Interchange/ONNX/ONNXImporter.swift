package import Foundation
import Graphs
import SwiftProtobuf
import Tensors

/// Reads ONNX models: bytes in, a graph with its states out.
///
/// Operator sets 7 to 28. Whatever is not understood is refused by name, all of it at once; nothing is
/// guessed, and a file is never believed about sizes. Weights in half precision become float32.
package struct ONNXImporter: Sendable {
    package static let opsets = 7...28

    package var options: ImportOptions

    package init(_ options: ImportOptions = ImportOptions()) {
        self.options = options
    }

    /// Reads a model from a file; external data may lie in the same folder.
    ///
    /// - Throws: `InterchangeError`.
    package func model(at url: URL) throws -> ImportedModel {
        try model(
            from: MappedFile.open(url), file: url.path, folder: url.deletingLastPathComponent())
    }

    /// Reads a model from bytes.
    ///
    /// - Parameters:
    ///   - file: what errors call it.
    ///   - folder: where external data may lie; nil refuses models that have any.
    /// - Throws: `InterchangeError`.
    package func model(
        from data: Data, file: String = "", folder: URL? = nil
    ) throws -> ImportedModel {
        do {
            return try model(of: decoded(data), folder: folder)
        } catch var error as InterchangeError {
            error.file = file
            throw error
        } catch let error as GraphError {
            throw InterchangeError(.malformed, file: file, node: error.node, error.message)
        }
    }

    func decoded(_ data: Data) throws -> Onnx_ModelProto {
        try MessageScan.check(data)
        var decoding = BinaryDecodingOptions()
        decoding.messageDepthLimit = 32
        do {
            return try Onnx_ModelProto(serializedBytes: data, partial: true, options: decoding)
        } catch {
            throw InterchangeError(
                .malformed, "is not a whole ONNX file (\(error))",
                hint: "check that it is an .onnx file and was copied completely")
        }
    }

    /// A file written for one batch size is read for that one and then bound to the wanted one, because its shapes
    /// are plain numbers that mean something beside its own batch alone.
    private func model(of proto: Onnx_ModelProto, folder: URL?) throws -> ImportedModel {
        guard let batches = writtenBatch(of: proto) else {
            return try imported(proto, folder: folder, batch: nil)
        }
        let model = try imported(proto, folder: folder, batch: batches.written)
            .rebound(batch: batches.wanted)
        for node in model.graph.nodes {
            for type in node.outputs {
                guard let count = type.shape.checkedCount, count <= options.elementLimit else {
                    throw InterchangeError(
                        .tooLarge, node: node.name,
                        "its result \(type.shape) has more than \(options.elementLimit) elements")
                }
            }
        }
        return model
    }

    /// The batch that all inputs are written for and the one that they are wanted for, where these differ.
    private func writtenBatch(of proto: Onnx_ModelProto) -> (written: Int, wanted: Int)? {
        let initializers = Set(proto.graph.initializer.map(\.name))
        var found: (written: Int, wanted: Int)?
        for input in proto.graph.input where !initializers.contains(input.name) {
            let binding = InputBinding(input, options: options)
            guard case .fixed(let written) = binding.declared?.first, written > 0,
                let wanted = binding.given?.dimensions.first
            else { return nil }
            if let found, found != (written, wanted) { return nil }
            found = (written, wanted)
        }
        return found.flatMap { $0.written == $0.wanted ? nil : $0 }
    }

    private func imported(
        _ proto: Onnx_ModelProto, folder: URL?, batch: Int?
    ) throws -> ImportedModel {
        let opset = try opset(of: proto)
        let structure = try GraphStructure(proto.graph)
        try refuseUnknownOperators(structure.nodes)
        let model = try ModelImport(
            structure, opset: opset, options: options, decoding: TensorDecoding(folder: folder))
        var ports: [(name: String, element: ElementType, declared: [ImportedModel.Extent]?)] = []
        for input in structure.inputs {
            let binding = InputBinding(input, options: options)
            var (element, shape) = try binding.type()
            if let batch, shape.rank > 0 {
                shape[0] = batch
                _ = try CheckedExtents.count(shape.dimensions, node: input.name)
            }
            try model.declare(
                input.name, shape, element, followsBatch: binding.declared != nil,
                isOpen: binding.isOpen)
            ports.append((input.name, element, binding.declared))
        }
        for node in structure.nodes {
            guard
                let converter = ONNXOperatorTable.converter(node.opType, domain: node.domain)
            else { continue }
            try model.convert(node, by: converter)
        }
        try refuse(model.refusals)
        var outputs: [ImportedModel.Port] = []
        for output in structure.outputs {
            guard let operand = model.operand(output.name) else {
                throw InterchangeError(
                    .malformed, node: output.name, "nothing computes this output")
            }
            let value = try model.value(of: operand, named: output.name)
            let declared = InputBinding(output, options: options).declared
            let holdsBatch =
                switch declared?.first {
                case .symbolic: true
                case .fixed(let extent): !model.batch.isOpen && extent == model.batch.size
                case nil: false
                }
            if holdsBatch, operand.isFed, model.widenedType(of: value).shape == operand.shape {
                model.batch.fix(at: output.name)
            }
            model.graph.output(output.name, value)
            outputs.append(
                ImportedModel.Port(
                    name: output.name, element: operand.element, shape: operand.shape,
                    declared: declared))
        }
        model.modules.label(in: &model.graph)
        let taps = try TeacherTaps(&model.graph, reading: options.reading)
        if !model.batch.isOpen, model.batch.size > 0, model.batch.fixedBy == nil {
            let inputs = Set(ports.filter { $0.declared != nil }.map(\.name))
            let axes = SampleAxes(model.graph, batch: model.batch.size, inputs: inputs)
            let read =
                [("logits", taps.logits), ("features", taps.features), ("vector", taps.vector)]
                + zip(outputs, model.graph.outputs).filter {
                    $0.0.declared?.first == .fixed(model.batch.size)
                }
                .map { ($1.name, $1.value) }
            let mixed = read.first { $1.map { !axes.hasRows($0) } ?? false }
            if let node = axes.meeting ?? mixed?.0 { model.batch.fix(at: node) }
        }
        let fed = Dictionary(
            uniqueKeysWithValues: model.graph.inputs.map {
                ($0.name, model.graph.shape(of: $0.value))
            })
        return ImportedModel(
            graph: model.graph,
            inputs: ports.compactMap { port in
                fed[port.name].map {
                    ImportedModel.Port(
                        name: port.name, element: port.element, shape: $0, declared: port.declared)
                }
            },
            outputs: outputs, opset: opset,
            producer: [proto.producerName, proto.producerVersion].filter { !$0.isEmpty }
                .joined(separator: " "),
            metadata: Dictionary(
                proto.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            operators: Dictionary(
                structure.nodes.map { ($0.opType, 1) }, uniquingKeysWith: +),
            logits: taps.logits, features: taps.features, vector: taps.vector,
            reading: taps.reading, hasPlainScores: taps.hasPlainScores, notes: taps.notes,
            frozen: model.frozen.sorted(),
            batchFixedBy: model.batch.fixedBy)
    }

    private func opset(of proto: Onnx_ModelProto) throws -> Int {
        guard proto.hasGraph else {
            throw InterchangeError(
                .malformed, "holds no graph", hint: "check that it is an .onnx file")
        }
        let versions = proto.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }
        guard let version = versions.map(\.version).max() else {
            guard !proto.opsetImport.isEmpty else {
                throw InterchangeError(.malformed, "names no version of the standard operators")
            }
            // A model of other operators alone: they are refused by name.
            return Self.opsets.upperBound
        }
        guard version >= Self.opsets.lowerBound, version <= Self.opsets.upperBound else {
            throw InterchangeError(
                .unsupported,
                "is written for operator set \(version); \(Self.opsets.lowerBound) to "
                    + "\(Self.opsets.upperBound) are supported",
                hint: "export it with opset_version=17")
        }
        return Int(version)
    }

    /// Counts what is not understood by its kind, with what is known to be done about it.
    private func refuseUnknownOperators(_ nodes: [Onnx_NodeProto]) throws {
        let strangers = nodes.filter {
            ONNXOperatorTable.converter($0.opType, domain: $0.domain) == nil
        }
        guard !strangers.isEmpty else { return }
        func kind(_ node: Onnx_NodeProto) -> String {
            ["", "ai.onnx"].contains(node.domain) ? node.opType : "\(node.domain).\(node.opType)"
        }
        let groups = Dictionary(grouping: strangers, by: kind).sorted { $0.key < $1.key }
        let counted = groups.map { kind, nodes in
            "\(nodes.count) \(kind)"
        }
        let shown = strangers.prefix(50).map { "\($0.displayName) (\(kind($0)))" }
        let more = strangers.count > 50 ? ["and \(strangers.count - 50) more"] : []
        let remedies = groups.compactMap { OperatorRemedy.of($0.key) }
        throw InterchangeError(
            .unsupported, node: "",
            "unknown operator\(strangers.count > 1 ? "s" : ""): \(counted.joined(separator: ", ")): "
                + (shown + more).joined(separator: ", "),
            hint: remedies.isEmpty
                ? "export the network without them, for instance with another opset_version"
                : Array(Set(remedies)).sorted().joined(separator: "; "))
    }

    /// Reports everything that is not supported in one error.
    private func refuse(_ refusals: [InterchangeError]) throws {
        guard let first = refusals.first else { return }
        guard refusals.count > 1 else { throw first }
        let shown = refusals.prefix(50).map { "\($0.node): \($0.message)" }
        let more = refusals.count > 50 ? ["and \(refusals.count - 50) more"] : []
        throw InterchangeError(
            .unsupported, node: "",
            "\(refusals.count) nodes are not supported: "
                + (shown + more).joined(separator: "; "))
    }
}

extension ONNXImporter {
    /// The names of a file's inputs, initializers left out, and outputs, in its order.
    ///
    /// - Throws: `InterchangeError` for a file that is not an ONNX model.
    package static func portNames(at url: URL) throws -> (inputs: [String], outputs: [String]) {
        let proto = try ONNXImporter().decoded(MappedFile.open(url))
        let initializers = Set(proto.graph.initializer.map(\.name))
        return (
            proto.graph.input.map(\.name).filter { !initializers.contains($0) },
            proto.graph.output.map(\.name)
        )
    }
}
