/// A job's number as people write it: `j12`.
package enum JobName {
    package static func text(_ id: Int64) -> String { "j\(id)" }

    /// Reads `j12` or `12`.
    package static func number(_ text: some StringProtocol) -> Int64? {
        let digits = text.hasPrefix("j") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(digits)
    }
}

/// What a job is doing.
package enum JobState: String, Codable, Sendable, CaseIterable {
    case queued, running, paused, succeeded, failed, cancelled

    /// Whether nothing more happens by itself.
    package var isFinal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled: true
        case .queued, .running, .paused: false
        }
    }
}

/// Where a running job stands.
package struct JobProgress: Codable, Sendable, Equatable {
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

    /// A worker's progress; what is not finite (JSON has no word for it) is left out or zero.
    package init(_ progress: TrainingProgress) {
        self.init(
            step: progress.step, steps: progress.steps, epoch: progress.epoch,
            epochs: progress.epochs,
            samplesPerSecond: progress.samplesPerSecond.isFinite ? progress.samplesPerSecond : 0,
            secondsLeft: progress.secondsLeft.isFinite ? progress.secondsLeft : 0,
            learningRate: progress.learningRate.isFinite ? progress.learningRate : 0,
            losses: progress.losses.filter { $0.value.isFinite })
    }

    private enum CodingKeys: String, CodingKey {
        case step, steps, epoch, epochs, losses
        case samplesPerSecond = "samples_per_second"
        case secondsLeft = "seconds_left"
        case learningRate = "learning_rate"
    }
}

/// Why a job failed or waits.
package struct JobFailure: Codable, Sendable, Equatable {
    package var code: String
    package var message: String
    package var hint: String?

    package init(code: String, message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// A job as `ps` and `show` present it.
package struct JobSummary: Codable, Sendable, Equatable {
    package var id: String
    package var name: String
    /// `train` or `distill`.
    package var kind: String
    package var state: JobState
    /// Within `running`: `preparing`, `calibrating`, `caching`, `training`, `evaluating`, `exporting`.
    package var phase: String?
    package var dataset: String?
    package var teacher: String?
    package var student: String?
    package var modality: String?
    /// User id of who enqueued it.
    package var owner: UInt32?
    package var attempts: Int
    package var progress: JobProgress?
    package var metrics: [String: Double]
    /// Whether the student's features collapsed onto the teacher's mean, at the last evaluation; nil: not watched.
    package var collapsed: Bool?
    package var error: JobFailure?
    /// When the next attempt is due.
    package var retryAt: Timestamp?
    /// The model it made.
    package var model: String?
    package var runFolder: String?
    package var workerPID: Int32?
    package var created: Timestamp
    package var started: Timestamp?
    package var finished: Timestamp?
    /// TOML text; only in `show`.
    package var recipe: String?
    /// What is wrong with it although it goes on, without repetitions; only in `show`.
    package var warnings: [JobWarning]?

    package init(
        id: String, name: String, kind: String, state: JobState, phase: String? = nil,
        dataset: String? = nil, teacher: String? = nil, student: String? = nil,
        modality: String? = nil, owner: UInt32? = nil, attempts: Int = 0,
        progress: JobProgress? = nil, metrics: [String: Double] = [:], error: JobFailure? = nil,
        retryAt: Timestamp? = nil, model: String? = nil, runFolder: String? = nil,
        workerPID: Int32? = nil, created: Timestamp, started: Timestamp? = nil,
        finished: Timestamp? = nil, recipe: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.state = state
        self.phase = phase
        self.dataset = dataset
        self.teacher = teacher
        self.student = student
        self.modality = modality
        self.owner = owner
        self.attempts = attempts
        self.progress = progress
        self.metrics = metrics
        collapsed = metrics["collapsed"].map { $0 > 0 }
        self.error = error
        self.retryAt = retryAt
        self.model = model
        self.runFolder = runFolder
        self.workerPID = workerPID
        self.created = created
        self.started = started
        self.finished = finished
        self.recipe = recipe
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, kind, state, phase, dataset, teacher, student, modality, owner, attempts
        case progress, metrics, collapsed, error, model, created, started, finished, recipe
        case warnings
        case retryAt = "retry_at"
        case runFolder = "run_folder"
        case workerPID = "worker_pid"
    }
}

package struct JobReply: Codable, Sendable, Equatable {
    package var job: JobSummary

    package init(job: JobSummary) {
        self.job = job
    }
}

package struct JobsReply: Codable, Sendable, Equatable {
    package var jobs: [JobSummary]

    package init(jobs: [JobSummary]) {
        self.jobs = jobs
    }
}

/// What a worker said it would do: layers, shapes, FLOPs, memory, disk.
package struct PlanReply: Codable, Sendable, Equatable {
    package var plan: JSONValue

    package init(plan: JSONValue) {
        self.plan = plan
    }
}
