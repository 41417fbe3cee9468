import Execution

/// What one workload took.
struct StepReport: Encodable {
    var workload: Workload
    var precision: StepCommand.Precision
    var medianSeconds: Double
    var bestSeconds: Double
    /// By the median.
    var imagesPerSecond: Double
    var compileSeconds: Double
    var arenaByteCount: Int
    var persistentByteCount: Int
    var stateByteCount = 0
    /// Of the whole process.
    var peakByteCount = 0
    var allocatedByteCountPerStep = 0
    var stepCount: Int
    var slowNodes: [String]
    var loss: Float?
    var profile: StepProfile?

    init(
        workload: Workload, precision: StepCommand.Precision, median: Double, best: Double,
        compileSeconds: Double, plan: PlanReport
    ) {
        self.workload = workload
        self.precision = precision
        medianSeconds = median
        bestSeconds = best
        imagesPerSecond = Double(workload.batch) / median
        self.compileSeconds = compileSeconds
        arenaByteCount = plan.arenaByteCount
        persistentByteCount = plan.persistentByteCount
        stepCount = plan.stepCount
        slowNodes = plan.slowNodes
    }
}

/// Where a step's time goes.
struct StepProfile: Encodable {
    struct Kind: Encodable {
        var kind: String
        var count: Int
        var seconds: Double
    }

    struct Step: Encodable {
        var name: String
        var kind: String
        var implementation: String
        var seconds: Double
    }

    /// Longest first.
    var kinds: [Kind]
    /// The slowest 60.
    var slowest: [Step]

    init(_ timings: [StepTiming]) {
        kinds = Dictionary(grouping: timings, by: \.kind).map { kind, steps in
            Kind(kind: kind, count: steps.count, seconds: steps.reduce(0) { $0 + $1.seconds })
        }.sorted { $0.seconds > $1.seconds }
        slowest = timings.sorted { $0.seconds > $1.seconds }.prefix(60).map {
            Step(
                name: $0.name, kind: $0.kind, implementation: $0.implementation,
                seconds: $0.seconds)
        }
    }
}
