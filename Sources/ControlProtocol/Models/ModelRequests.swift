package import Foundation

package struct ListModels: ControlRequest {
    package typealias Reply = ModelsReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "models"] }
}

package struct ShowModel: ControlRequest {
    package typealias Reply = ModelReply
    package var name: String
    package init(_ name: String) { self.name = name }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "models", name] }
}

package struct RemoveModel: ControlRequest {
    package typealias Reply = RemovedReply
    package var name: String
    package init(_ name: String) { self.name = name }
    package var method: ControlMethod { .delete }
    package var path: [String] { ["v1", "models", name] }
}

/// Uploads a model file; a worker turns it into a model of the catalog before the reply.
package struct ImportModel: ControlUpload {
    package typealias Reply = ModelReply

    /// The name the file had, to tell ONNX from safetensors and for messages.
    package var originalName: String
    /// Nil: the file's name without its ending.
    package var name: String?
    package var modality: String?
    /// `imagenet`, `unit`, or the text of a preprocessing TOML file.
    package var preprocess: String?
    /// Class names: the text of their file.
    package var classes: String?
    /// What is said of the network's answers and input: see `ImportWords`.
    package var words: ImportWords
    /// Files that the model's own names, sent before it.
    package var attachments: [Attachment]

    /// A file beside the model's.
    package struct Attachment: Codable, Sendable, Equatable {
        /// As the model names it.
        package var name: String
        package var bytes: Int64

        package init(name: String, bytes: Int64) {
            self.name = name
            self.bytes = bytes
        }
    }

    package init(
        originalName: String, name: String? = nil, modality: String? = nil,
        preprocess: String? = nil, classes: String? = nil, words: ImportWords = ImportWords(),
        attachments: [Attachment] = []
    ) {
        self.originalName = originalName
        self.name = name
        self.modality = modality
        self.preprocess = preprocess
        self.classes = classes
        self.words = words
        self.attachments = attachments
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "models"] }
    package var contentType: String { "application/octet-stream" }
    package var query: [ControlParameter] {
        ControlParameter.present(
            ("file", originalName), ("name", name), ("modality", modality),
            ("preprocess", preprocess), ("output", words.output), ("task", words.task),
            ("features", words.features), ("input_shape", words.inputShape),
            ("ignore", words.ignored.isEmpty ? nil : words.ignored.joined(separator: "\n")))
    }
    /// A thousand class names do not fit a header: they lead the body, and this says how many
    /// bytes.
    package var headers: [ControlParameter] {
        ControlParameter.present(
            ("Distill-Classes-Bytes", classes.map { String($0.utf8.count) }),
            ("Distill-Attachments-Bytes", attachmentList.map { String($0.count) }))
    }
    package func body() throws -> Data? {
        classes == nil && attachments.isEmpty
            ? nil : Data((classes ?? "").utf8) + (attachmentList ?? Data())
    }

    /// Behind the class names: a JSON list of the files that follow before the model's own.
    private var attachmentList: Data? {
        attachments.isEmpty ? nil : try? ControlJSON.encode(attachments)
    }
}

/// What a person says of a model's file that the file does not say.
package struct ImportWords: Codable, Sendable, Equatable {
    /// The output that answers.
    package var output: String?
    /// `classifier`, `multi-label`, `embedding`, `detector` or `segmenter`.
    package var task: String?
    /// The node whose map students follow.
    package var features: String?
    /// `HxW`, `CxHxW` or one side.
    package var inputShape: String?
    /// Shell patterns of tensors that may be left over.
    package var ignored: [String]

    package init(
        output: String? = nil, task: String? = nil, features: String? = nil,
        inputShape: String? = nil, ignored: [String] = []
    ) {
        self.output = output
        self.task = task
        self.features = features
        self.inputShape = inputShape
        self.ignored = ignored
    }
}

/// Streams a model out of the state folder.
package struct ExportModel: ControlDownload {
    package typealias Reply = JSONValue
    package var name: String
    /// `onnx` or `safetensors`.
    package var format: String
    package init(_ name: String, format: String) {
        self.name = name
        self.format = format
    }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "models", name, "export"] }
    package var query: [ControlParameter] { [ControlParameter("format", format)] }
}

/// Measures a model on a data set; the reply comes when the worker is done.
package struct EvaluateModel: ControlRequest, Codable {
    package typealias Reply = EvaluationReply
    package var model: String
    package var dataset: String
    /// Nil: `test`.
    package var split: String?
    /// A column of the labels file that replaces the manifest's label column.
    package var label: String?
    /// Whether classifiers are fitted to training samples' features; nil: yes.
    package var probes: Bool?

    package init(
        model: String, dataset: String, split: String? = nil, label: String? = nil,
        probes: Bool? = nil
    ) {
        self.model = model
        self.dataset = dataset
        self.split = split
        self.label = label
        self.probes = probes
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "evaluate"] }
    package func body() throws -> Data? { try ControlJSON.encode(self) }

    private enum CodingKeys: String, CodingKey { case model, dataset, split, label, probes }
}

/// Measures several models on a data set; the reply comes when the worker is done.
package struct CompareModels: ControlRequest, Codable {
    package typealias Reply = ComparisonReply
    package var models: [String]
    package var dataset: String
    /// Nil: `test`.
    package var split: String?
    /// A column of the labels file that replaces the manifest's label column.
    package var label: String?
    /// Whom the others are compared with; nil: the first of `models`. Added to them where it is not there.
    package var baseline: String?
    /// The model that learnt from few labels and the one that learnt from all; added likewise.
    package var few: String?
    package var oracle: String?
    /// Whether classifiers are fitted to training samples' features; nil: yes.
    package var probes: Bool?

    package init(
        models: [String], dataset: String, split: String? = nil, label: String? = nil,
        baseline: String? = nil, few: String? = nil, oracle: String? = nil, probes: Bool? = nil
    ) {
        self.models = models
        self.dataset = dataset
        self.split = split
        self.label = label
        self.baseline = baseline
        self.few = few
        self.oracle = oracle
        self.probes = probes
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "compare"] }
    package func body() throws -> Data? { try ControlJSON.encode(self) }

    private enum CodingKeys: String, CodingKey {
        case models, dataset, split, label, baseline, few, oracle, probes
    }
}
