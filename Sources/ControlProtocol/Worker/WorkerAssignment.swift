/// What a worker process is asked to do: the first line it reads from its control channel.
///
/// The channel is file descriptor 3, one end of a socket pair: one JSON object a line, assignment
/// and `WorkerCommand`s downwards, `WorkerReport`s upwards. When the channel closes the worker
/// exits.
package enum WorkerAssignment: Codable, Sendable {
    case train(TrainAssignment)
    case inspect(InspectAssignment)
    case survey(SurveyAssignment)
    case look(LookAssignment)
    case `import`(ImportAssignment)
    case plan(TrainAssignment)
    case evaluate(EvaluateAssignment)
    case compare(CompareAssignment)
    case verify(VerifyAssignment)
    case predict(PredictAssignment)
    case run(RunAssignment)
}

/// What the daemon may tell a worker after its assignment.
package enum WorkerCommand: Codable, Sendable, Equatable {
    /// Write a checkpoint at the next step, report it, then exit with `stopped`.
    case stop
}

/// A data set as a job sees it: frozen at the job's first start.
package struct DatasetReference: Codable, Sendable, Equatable {
    package var name: String
    /// The absolute folder that file paths of samples are relative to.
    package var root: String
    /// The text of dataset.toml as the catalog holds it.
    package var manifest: String
    /// JSON lines of `SampleRecord`, immutable.
    package var samples: String

    package init(name: String, root: String, manifest: String, samples: String) {
        self.name = name
        self.root = root
        self.manifest = manifest
        self.samples = samples
    }
}

/// One line of a job's sample list.
package struct SampleRecord: Codable, Sendable, Equatable {
    package struct File: Codable, Sendable, Equatable {
        /// Relative to the data set's root.
        package var path: String
        /// SHA-256 of the content, hexadecimal, known since inspection.
        package var digest: String
        package var bytes: Int64
        /// Pixels as stored, known since inspection.
        package var width: Int?, height: Int?

        package init(
            path: String, digest: String, bytes: Int64, width: Int? = nil, height: Int? = nil
        ) {
            self.path = path
            self.digest = digest
            self.bytes = bytes
            self.width = width
            self.height = height
        }
    }

    /// The catalog's row.
    package var id: Int64
    /// What pairs the files: a stem such as `frame-000012`.
    package var key: String
    /// The scene group that splits are made by.
    package var group: String
    /// `train`, `test` or `validation`.
    package var split: String
    /// By modality: `rgb`, `depth`, ...
    package var files: [String: File]
    package var label: String?
    /// Further columns of the labels file, such as `contradicting`.
    package var attributes: [String: String]

    package init(
        id: Int64, key: String, group: String, split: String, files: [String: File],
        label: String? = nil, attributes: [String: String] = [:]
    ) {
        self.id = id
        self.key = key
        self.group = group
        self.split = split
        self.files = files
        self.label = label
        self.attributes = attributes
    }
}

/// A model in the state folder: `model.json` beside `weights.safetensors` or `model.onnx`.
package struct ModelReference: Codable, Sendable, Equatable {
    package var name: String
    package var folder: String

    package init(name: String, folder: String) {
        self.name = name
        self.folder = folder
    }
}

/// A checkpoint that the daemon has recorded.
package struct CheckpointReference: Codable, Sendable, Equatable {
    package var step: Int
    package var path: String
    package var sha256: String

    package init(step: Int, path: String, sha256: String) {
        self.step = step
        self.path = path
        self.sha256 = sha256
    }
}

/// Where a worker finds plugins and may keep caches.
package struct WorkerSurroundings: Codable, Sendable, Equatable {
    /// Searched in order for `*/plugin.toml`.
    package var pluginFolders: [String]
    package var cacheFolder: String
    /// Bytes that all caches together may take; nil: min(50 GB, 20 % of the free disk).
    package var cacheQuota: Int64?
    /// Compute threads; recorded with the run because a resumed run must use as many.
    package var threads: Int

    package init(pluginFolders: [String], cacheFolder: String, cacheQuota: Int64?, threads: Int) {
        self.pluginFolders = pluginFolders
        self.cacheFolder = cacheFolder
        self.cacheQuota = cacheQuota
        self.threads = threads
    }
}

/// Train or distil (also: plan such a job without running it).
package struct TrainAssignment: Codable, Sendable {
    package var job: String
    /// The run folder of DESIGN A5: checkpoints/, metrics.jsonl, log, recipe.resolved.toml, ...
    package var runFolder: String
    /// TOML text of the recipe as enqueued.
    package var recipe: String
    package var dataset: DatasetReference
    package var teacher: ModelReference?
    /// The model whose weights initialise the student, where the recipe names one.
    package var initial: ModelReference?
    /// Newest first; the worker takes the first that verifies.
    package var checkpoints: [CheckpointReference]
    package var surroundings: WorkerSurroundings

    package init(
        job: String, runFolder: String, recipe: String, dataset: DatasetReference,
        teacher: ModelReference?, initial: ModelReference?, checkpoints: [CheckpointReference],
        surroundings: WorkerSurroundings
    ) {
        self.job = job
        self.runFolder = runFolder
        self.recipe = recipe
        self.dataset = dataset
        self.teacher = teacher
        self.initial = initial
        self.checkpoints = checkpoints
        self.surroundings = surroundings
    }
}

/// Check headers of settled files and digest their contents.
package struct InspectAssignment: Codable, Sendable {
    package struct Item: Codable, Sendable {
        package var id: Int64
        package var modality: String
        package var path: String

        package init(id: Int64, modality: String, path: String) {
            self.id = id
            self.modality = modality
            self.path = path
        }
    }

    package var root: String
    package var manifest: String
    package var items: [Item]
    /// Decode every pixel instead of the header only.
    package var full: Bool
    package var surroundings: WorkerSurroundings

    package init(
        root: String, manifest: String, items: [Item], full: Bool, surroundings: WorkerSurroundings
    ) {
        self.root = root
        self.manifest = manifest
        self.items = items
        self.full = full
        self.surroundings = surroundings
    }
}

/// Turn an uploaded model file into a model folder.
package struct ImportAssignment: Codable, Sendable {
    /// The uploaded bytes.
    package var file: String
    /// The name the user's file had, for messages and to tell ONNX from safetensors.
    package var originalName: String
    package var name: String
    /// nil: that of the file, else `rgb`.
    package var modality: String?
    /// `imagenet`, `unit`, or the text of a preprocessing TOML file.
    package var preprocess: String?
    /// Class names: the text of their file.
    package var classes: String?
    package var words: ImportWords
    /// The folder to fill; it does not exist yet.
    package var destination: String
    package var surroundings: WorkerSurroundings

    package init(
        file: String, originalName: String, name: String, modality: String?, preprocess: String?,
        classes: String?, words: ImportWords = ImportWords(), destination: String,
        surroundings: WorkerSurroundings
    ) {
        self.file = file
        self.originalName = originalName
        self.name = name
        self.modality = modality
        self.preprocess = preprocess
        self.classes = classes
        self.words = words
        self.destination = destination
        self.surroundings = surroundings
    }
}

/// Measure a model on a data set, against its teacher where one is named.
package struct EvaluateAssignment: Codable, Sendable {
    package var model: ModelReference
    package var teacher: ModelReference?
    package var dataset: DatasetReference
    package var split: String
    /// Whether classifiers are fitted to the features of labelled training samples.
    package var probes: Bool
    package var surroundings: WorkerSurroundings

    package init(
        model: ModelReference, teacher: ModelReference?, dataset: DatasetReference, split: String,
        probes: Bool, surroundings: WorkerSurroundings
    ) {
        self.model = model
        self.teacher = teacher
        self.dataset = dataset
        self.split = split
        self.probes = probes
        self.surroundings = surroundings
    }
}

/// Measure several models on one data set and set them against each other.
package struct CompareAssignment: Codable, Sendable {
    package struct Entry: Codable, Sendable {
        package var model: ModelReference
        package var teacher: ModelReference?
        /// The recipe that made the model, without name and seed: equal for runs that differ in the seed only.
        package var recipe: String?
        package var seed: Int?

        package init(
            model: ModelReference, teacher: ModelReference?, recipe: String?, seed: Int?
        ) {
            self.model = model
            self.teacher = teacher
            self.recipe = recipe
            self.seed = seed
        }
    }

    /// In the order in which they are shown.
    package var models: [Entry]
    /// Names among the models.
    package var baseline: String
    package var few: String?
    package var oracle: String?
    package var dataset: DatasetReference
    package var split: String
    package var probes: Bool
    package var surroundings: WorkerSurroundings

    package init(
        models: [Entry], baseline: String, few: String?, oracle: String?,
        dataset: DatasetReference, split: String, probes: Bool, surroundings: WorkerSurroundings
    ) {
        self.models = models
        self.baseline = baseline
        self.few = few
        self.oracle = oracle
        self.dataset = dataset
        self.split = split
        self.probes = probes
        self.surroundings = surroundings
    }
}

/// Run every check on one plugin.
package struct VerifyAssignment: Codable, Sendable {
    /// A plugin's folder (with plugin.toml) or its library.
    package var path: String

    package init(path: String) {
        self.path = path
    }
}

/// Classify or embed single files.
package struct PredictAssignment: Codable, Sendable {
    package var model: ModelReference
    package var files: [String]
    /// The text of a dataset.toml whose modality section says how to read the files (scale, ...).
    package var manifest: String?
    /// Whether the manifest is only that of the data set which the model was trained on: then a file whose format
    /// says what its numbers are is read in its own terms.
    package var isImplied: Bool
    package var surroundings: WorkerSurroundings

    package init(
        model: ModelReference, files: [String], manifest: String?, isImplied: Bool = false,
        surroundings: WorkerSurroundings
    ) {
        self.model = model
        self.files = files
        self.manifest = manifest
        self.isImplied = isImplied
        self.surroundings = surroundings
    }
}

/// Run a model file on arrays: NPY in, NPY out.
package struct RunAssignment: Codable, Sendable {
    /// An ONNX file or a model folder.
    package var model: String
    /// Input name to NPY file.
    package var inputs: [String: String]
    package var outputs: String

    package init(model: String, inputs: [String: String], outputs: String) {
        self.model = model
        self.inputs = inputs
        self.outputs = outputs
    }
}
