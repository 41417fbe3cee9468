/// A model in the catalog.
///
/// A worker that made one (roles `train` and `import`) ends with `finished({"model":
/// ModelSummary})`.
package struct ModelSummary: Codable, Sendable, Equatable {
    package var name: String
    /// `network` (an architecture of ours) or `onnx` (an imported graph).
    package var kind: String
    package var architecture: String?
    /// What the model looks at: `rgb`, `depth`, ...
    package var modality: String
    package var encoding: String?
    /// Side of the square input in pixels.
    package var inputSize: Int
    /// In the order of the logits; empty: no head.
    package var classes: [String]
    package var parameters: Int64
    /// Floating-point operations of one forward pass at `input_size`.
    package var flops: Int64
    /// SHA-256 of the weights file, hexadecimal.
    package var digest: String
    package var teacher: String?
    package var dataset: String?
    package var metrics: [String: Double]
    package var created: Timestamp
    /// The folder that holds model.json.
    package var folder: String?
    /// The job that made it.
    package var job: String?
    /// What `models export --format` can give.
    package var formats: [String]
    /// What its answers are: `classifier`, `multi-label`, `embedding`, `detector`, `segmenter`.
    package var task: String?
    /// Of an imported graph: the output that answers, and the node whose map students follow.
    package var output: String?, features: String?
    /// Height and width of an input that is not square.
    package var input: [Int]?
    package var isChannelsLast: Bool?
    /// What happens to a picture before an imported network sees it.
    package var preprocessing: Preprocessing?
    /// What was chosen, recognised or assumed at the import.
    package var notes: [String]?

    /// `(channel * scale - mean) / std` of bytes, at the model's size.
    package struct Preprocessing: Codable, Sendable, Equatable {
        package var channels: String
        package var scale: Double
        package var mean: [Double], std: [Double]
        package var resize: String
        package var crop: Double?

        package init(
            channels: String, scale: Double, mean: [Double], std: [Double], resize: String,
            crop: Double?
        ) {
            self.channels = channels
            self.scale = scale
            (self.mean, self.std) = (mean, std)
            self.resize = resize
            self.crop = crop
        }
    }

    package init(
        name: String, kind: String, architecture: String? = nil, modality: String,
        encoding: String? = nil, inputSize: Int, classes: [String], parameters: Int64,
        flops: Int64, digest: String, teacher: String? = nil, dataset: String? = nil,
        metrics: [String: Double] = [:], created: Timestamp = .now, folder: String? = nil,
        job: String? = nil, formats: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.architecture = architecture
        self.modality = modality
        self.encoding = encoding
        self.inputSize = inputSize
        self.classes = classes
        self.parameters = parameters
        self.flops = flops
        self.digest = digest
        self.teacher = teacher
        self.dataset = dataset
        self.metrics = metrics
        self.created = created
        self.folder = folder
        self.job = job
        self.formats = formats
    }

    private enum CodingKeys: String, CodingKey {
        case name, kind, architecture, modality, encoding, classes, parameters, flops, digest
        case teacher, dataset, metrics, created, folder, job, formats
        case task, output, features, input, preprocessing, notes
        case isChannelsLast = "channels_last"
        case inputSize = "input_size"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        kind = try values.decode(String.self, forKey: .kind)
        architecture = try values.decodeIfPresent(String.self, forKey: .architecture)
        modality = try values.decode(String.self, forKey: .modality)
        encoding = try values.decodeIfPresent(String.self, forKey: .encoding)
        inputSize = try values.decodeIfPresent(Int.self, forKey: .inputSize) ?? 0
        classes = try values.decodeIfPresent([String].self, forKey: .classes) ?? []
        parameters = try values.decodeIfPresent(Int64.self, forKey: .parameters) ?? 0
        flops = try values.decodeIfPresent(Int64.self, forKey: .flops) ?? 0
        digest = try values.decodeIfPresent(String.self, forKey: .digest) ?? ""
        teacher = try values.decodeIfPresent(String.self, forKey: .teacher)
        dataset = try values.decodeIfPresent(String.self, forKey: .dataset)
        metrics = try values.decodeIfPresent([String: Double].self, forKey: .metrics) ?? [:]
        created = try values.decodeIfPresent(Timestamp.self, forKey: .created) ?? .now
        folder = try values.decodeIfPresent(String.self, forKey: .folder)
        job = try values.decodeIfPresent(String.self, forKey: .job)
        formats = try values.decodeIfPresent([String].self, forKey: .formats) ?? []
        task = try values.decodeIfPresent(String.self, forKey: .task)
        output = try values.decodeIfPresent(String.self, forKey: .output)
        features = try values.decodeIfPresent(String.self, forKey: .features)
        input = try values.decodeIfPresent([Int].self, forKey: .input)
        isChannelsLast = try values.decodeIfPresent(Bool.self, forKey: .isChannelsLast)
        preprocessing = try values.decodeIfPresent(Preprocessing.self, forKey: .preprocessing)
        notes = try values.decodeIfPresent([String].self, forKey: .notes)
    }
}

package struct ModelReply: Codable, Sendable, Equatable {
    package var model: ModelSummary

    package init(model: ModelSummary) {
        self.model = model
    }
}

package struct ModelsReply: Codable, Sendable, Equatable {
    package var models: [ModelSummary]

    package init(models: [ModelSummary]) {
        self.models = models
    }
}
