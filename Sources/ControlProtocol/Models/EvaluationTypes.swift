/// The range that holds a metric's true value in 95 of 100 such measurements.
package struct MetricInterval: Codable, Sendable, Equatable {
    package var low: Double
    package var high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

/// What `evaluate` measured.
package struct EvaluationReply: Codable, Sendable, Equatable {
    package var model: String
    package var dataset: String
    package var split: String
    /// `accuracy`, `agreement`, `kappa`, `centred_cosine`, `cka`, `retrieval_at_1`, `chance`, ...
    package var metrics: [String: Double]
    /// By metric, for those that are means over samples: by resampling the samples.
    package var intervals: [String: MetricInterval]
    /// Metrics that could not be had, each with the reason.
    package var leftOut: [String: String]
    /// The worker's whole answer: confusion counts and the like.
    package var report: JSONValue

    package init(
        model: String, dataset: String, split: String, metrics: [String: Double],
        intervals: [String: MetricInterval] = [:], leftOut: [String: String] = [:],
        report: JSONValue
    ) {
        self.model = model
        self.dataset = dataset
        self.split = split
        self.metrics = metrics
        self.intervals = intervals
        self.leftOut = leftOut
        self.report = report
    }

    private enum CodingKeys: String, CodingKey {
        case model, dataset, split, metrics, intervals, report
        case leftOut = "left_out"
    }
}

/// What `compare` measured.
package struct ComparisonReply: Codable, Sendable, Equatable {
    /// One model with its own figures.
    package struct Entry: Codable, Sendable, Equatable {
        package var model: String
        package var samples: Int
        package var labelled: Int
        package var metrics: [String: Double]
        package var intervals: [String: MetricInterval]
        package var leftOut: [String: String]
        /// The seed of the recipe that made it.
        package var seed: Int?

        package init(
            model: String, samples: Int, labelled: Int, metrics: [String: Double],
            intervals: [String: MetricInterval], leftOut: [String: String], seed: Int?
        ) {
            self.model = model
            self.samples = samples
            self.labelled = labelled
            self.metrics = metrics
            self.intervals = intervals
            self.leftOut = leftOut
            self.seed = seed
        }

        private enum CodingKeys: String, CodingKey {
            case model, samples, labelled, metrics, intervals, seed
            case leftOut = "left_out"
        }
    }

    /// How much higher a model's metric is than the baseline's, on the same samples.
    package struct Difference: Codable, Sendable, Equatable {
        package var model: String
        package var metric: String
        /// Samples that both answered.
        package var samples: Int
        package var difference: Double
        package var low: Double
        package var high: Double
        /// Whether the interval leaves 0 out.
        package var significant: Bool

        package init(
            model: String, metric: String, samples: Int, difference: Double, low: Double,
            high: Double, significant: Bool
        ) {
            self.model = model
            self.metric = metric
            self.samples = samples
            self.difference = difference
            self.low = low
            self.high = high
            self.significant = significant
        }
    }

    /// Runs of one recipe: means over the seeds with Student's t intervals.
    package struct SeedGroup: Codable, Sendable, Equatable {
        package struct Metric: Codable, Sendable, Equatable {
            package var mean: Double
            package var low: Double
            package var high: Double
            package var seeds: Int

            package init(mean: Double, low: Double, high: Double, seeds: Int) {
                self.mean = mean
                self.low = low
                self.high = high
                self.seeds = seeds
            }
        }

        /// One a seed, in the order of `seeds`.
        package var models: [String]
        package var seeds: [Int]
        /// Models whose seed is there already; they are not counted.
        package var repeated: [String]
        package var metrics: [String: Metric]

        package init(
            models: [String], seeds: [Int], repeated: [String], metrics: [String: Metric]
        ) {
            self.models = models
            self.seeds = seeds
            self.repeated = repeated
            self.metrics = metrics
        }
    }

    /// `(accuracy - few) / (oracle - few)`.
    package struct Gap: Codable, Sendable, Equatable {
        package var models: [String]
        package var value: Double
        /// Over seeds; nil for a single model.
        package var interval: MetricInterval?

        package init(models: [String], value: Double, interval: MetricInterval?) {
            self.models = models
            self.value = value
            self.interval = interval
        }
    }

    package var dataset: String
    package var split: String
    package var baseline: String
    package var few: String?
    package var oracle: String?
    package var models: [Entry]
    package var differences: [Difference]
    package var seeds: [SeedGroup]
    package var gapClosed: [Gap]
    /// What could not be computed of the comparison itself, with the reason.
    package var leftOut: [String: String]

    package init(
        dataset: String, split: String, baseline: String, few: String?, oracle: String?,
        models: [Entry], differences: [Difference], seeds: [SeedGroup], gapClosed: [Gap],
        leftOut: [String: String]
    ) {
        self.dataset = dataset
        self.split = split
        self.baseline = baseline
        self.few = few
        self.oracle = oracle
        self.models = models
        self.differences = differences
        self.seeds = seeds
        self.gapClosed = gapClosed
        self.leftOut = leftOut
    }

    private enum CodingKeys: String, CodingKey {
        case dataset, split, baseline, few, oracle, models, differences, seeds
        case gapClosed = "gap_closed"
        case leftOut = "left_out"
    }
}
