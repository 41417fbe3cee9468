/// What a worker tells the daemon (or, run locally, its standard output): one JSON object a line.
package enum WorkerReport: Codable, Sendable {
    /// The first line: the process is up and has read its assignment.
    case ready
    /// The job entered a phase: `preparing`, `calibrating`, `caching`, `training`, `evaluating`, `exporting`.
    case phase(String)
    case progress(TrainingProgress)
    /// Summary figures worth keeping in the catalog, such as `student.accuracy`.
    case metrics([String: Double])
    /// One file could not be read: quarantine its sample and go on.
    case sampleFailed(SampleFailure)
    case inspected(InspectedFile)
    case checkpoint(CheckpointReference)
    case log(level: String, message: String)
    /// Something is wrong with a job that goes on nevertheless.
    case warning(JobWarning)
    /// The last line of a success; its shape belongs to the role.
    case finished(JSONValue)
    /// The last line after `WorkerCommand.stop`.
    case stopped
    /// The last line of a failure.
    case failed(WorkerFailure)
}

/// Where a training job stands.
package struct TrainingProgress: Codable, Sendable, Equatable {
    package var step: Int
    package var steps: Int
    package var epoch: Int
    package var epochs: Int
    package var samplesPerSecond: Double
    package var secondsLeft: Double
    package var learningRate: Double
    /// `total` and one entry for each objective.
    package var losses: [String: Double]

    package init(
        step: Int, steps: Int, epoch: Int, epochs: Int, samplesPerSecond: Double,
        secondsLeft: Double, learningRate: Double, losses: [String: Double]
    ) {
        self.step = step
        self.steps = steps
        self.epoch = epoch
        self.epochs = epochs
        self.samplesPerSecond = samplesPerSecond
        self.secondsLeft = secondsLeft
        self.learningRate = learningRate
        self.losses = losses
    }
}

/// What a person should know of a job that goes on.
package struct JobWarning: Codable, Sendable, Equatable {
    /// A stable dotted code, such as `training.collapsed`.
    package var code: String
    package var message: String
    /// What to do about it.
    package var hint: String
    package var step: Int

    package init(code: String, message: String, hint: String, step: Int) {
        self.code = code
        self.message = message
        self.hint = hint
        self.step = step
    }
}

/// A file that a worker could not read.
package struct SampleFailure: Codable, Sendable, Equatable {
    package var sample: Int64
    package var modality: String
    /// A stable dotted code, such as `file.truncated` or `depth.eight_bit`.
    package var code: String
    package var reason: String

    package init(sample: Int64, modality: String, code: String, reason: String) {
        self.sample = sample
        self.modality = modality
        self.code = code
        self.reason = reason
    }
}

/// What inspection learned of one file.
package struct InspectedFile: Codable, Sendable, Equatable {
    package var id: Int64
    package var modality: String
    package var digest: String
    package var bytes: Int64
    package var width: Int
    package var height: Int
    package var channels: Int
    package var bitDepth: Int
    /// What looks odd without being an error, such as `8-bit, likely a visualisation`.
    package var warnings: [String]

    package init(
        id: Int64, modality: String, digest: String, bytes: Int64, width: Int, height: Int,
        channels: Int, bitDepth: Int, warnings: [String]
    ) {
        self.id = id
        self.modality = modality
        self.digest = digest
        self.bytes = bytes
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.warnings = warnings
    }
}

/// Why a worker could not do its assignment.
package struct WorkerFailure: Codable, Sendable, Equatable {
    /// A stable dotted code, such as `recipe.unknown_key`, `disk.full`.
    package var code: String
    package var message: String
    package var hint: String?
    /// Whether trying again may help: no for configuration errors.
    package var retryable: Bool
    /// Whether the job should wait for a person instead of failing: a full disk.
    package var pause: Bool

    package init(
        code: String, message: String, hint: String? = nil, retryable: Bool, pause: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
        self.pause = pause
    }
}
