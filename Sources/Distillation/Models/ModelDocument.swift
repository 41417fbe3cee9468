package import Batching
import Foundation
package import Interchange
package import Networks

/// model.json: what a model in the state folder is, beside its weights.
package struct ModelDocument: Sendable, Codable, Equatable {
    package enum Kind: String, Sendable, Codable {
        /// An architecture of ours with safetensors weights.
        case network
        /// An imported ONNX graph.
        case onnx
    }

    package static let currentFormat = 1

    package var format: Int
    package var name: String
    package var kind: Kind
    /// `rgb`, `depth`, ...: what the model looks at.
    package var modality: String
    /// For `network`: how to build it.
    package var network: NetworkDescriptor?
    /// For `onnx`: what goes before the graph.
    package var preprocessing: Preprocessing?
    /// For a `network` that answers with its teacher's classifier: how the two are joined.
    package var classifier: ReusedClassifier?
    /// Side of the square input in pixels.
    package var inputSize: Int
    /// The classes in the order of the logits; empty: no head.
    package var classes: [String]
    /// Channels of the last feature map.
    package var featureChannels: Int
    package var parameters: Int
    /// Multiply-adds of one forward pass at `inputSize`.
    package var multiplyAdds: Int
    /// `weights.safetensors` or `model.onnx`, in the model's folder.
    package var weights: String
    /// SHA-256 of that file, and of the classifier's where there is one: the identity that caches go by.
    package var digest: String
    package var teacher: String?
    package var teacherDigest: String?
    package var dataset: String?
    package var metrics: [String: Double]
    /// What an imported graph calls its input, and the node whose map students follow.
    package var inputName: String?, featureNode: String?
    /// How an imported graph takes pictures, where that is not usual.
    package var layout: InputLayout?
    /// How an imported graph was understood; nil in those of earlier versions, and for networks.
    package var reading: ModelReading?
    /// What was chosen, recognised or assumed at the import.
    package var notes: [String]?
    /// What the student's inputs held in training; nil for imported models.
    package var seen: InputStatistics?
    /// Unix time in seconds.
    package var created: Double

    package init(
        name: String, kind: Kind, modality: String, network: NetworkDescriptor?,
        preprocessing: Preprocessing?, inputSize: Int, classifier: ReusedClassifier? = nil,
        classes: [String], featureChannels: Int,
        parameters: Int, multiplyAdds: Int, weights: String, digest: String,
        teacher: String? = nil, teacherDigest: String? = nil, dataset: String? = nil,
        metrics: [String: Double] = [:], seen: InputStatistics? = nil,
        created: Double = Date().timeIntervalSince1970
    ) {
        format = ModelDocument.currentFormat
        self.name = name
        self.kind = kind
        self.modality = modality
        self.network = network
        self.preprocessing = preprocessing
        self.inputSize = inputSize
        self.classifier = classifier
        self.classes = classes
        self.featureChannels = featureChannels
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.weights = weights
        self.digest = digest
        self.teacher = teacher
        self.teacherDigest = teacherDigest
        self.dataset = dataset
        self.metrics = metrics
        self.seen = seen
        self.created = created
    }

    /// How its own preprocessing brings a picture to its input.
    package var framing: PictureFraming {
        guard let preprocessing else { return .usual }
        return PictureFraming(
            filter: .init(rawValue: preprocessing.resize.rawValue) ?? .bilinear,
            crop: preprocessing.crop)
    }

    /// Reads `model.json` of a model's folder.
    package static func read(folder: String) throws -> ModelDocument {
        let path = folder + "/model.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DistillationError(
                "model.missing", "\(path) cannot be read",
                hint: "`distillctl models list` shows the models that exist")
        }
        let document: ModelDocument
        do {
            document = try JSONDecoder().decode(ModelDocument.self, from: data)
        } catch {
            throw DistillationError("model.damaged", "\(path) is not a model document: \(error)")
        }
        guard document.format <= currentFormat else {
            throw DistillationError(
                "model.newer",
                "\(path) has format \(document.format), this build reads up to \(currentFormat)",
                hint: "upgrade distilld")
        }
        return document
    }

    package func write(folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = folder + "/model.json"
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}
