/// A job as its author writes it: which data, which teacher, which student, which objectives.
///
/// ```toml
/// name = "kitchen-depth"
/// kind = "distill"
/// [dataset]
/// name = "kitchen"
/// [teacher]
/// model = "resnet"
/// [student]
/// architecture = "residual-small"
/// ```
package struct Recipe: Sendable, Equatable {
    /// What the job does.
    package enum Kind: String, Sendable, CaseIterable {
        /// Learns from labels.
        case train
        /// Learns from a frozen teacher on unlabelled pairs.
        case distill
    }

    /// Which samples the job learns from.
    package struct Dataset: Sendable, Equatable {
        /// The data set's name in the catalog.
        package var name: String
        /// `train`, `test`, `validation` or `all`.
        package var split = "train"
        /// Only the first so many labelled samples of each class; 0: all samples.
        package var labelsPerClass = 0
        /// A column of the labels file that replaces the manifest's label column.
        package var label: String?
        /// A control: pair each depth image with some other sample's RGB image.
        package var shufflePairs = false

        package init(name: String) { self.name = name }
    }

    /// The frozen network that is imitated.
    package struct Teacher: Sendable, Equatable {
        /// A model's name in the catalog.
        package var model: String
        package var modality = "rgb"
        package var precision = TeacherPrecision.automatic

        package init(model: String) { self.model = model }
    }

    /// The network that is trained, in jobs of either kind.
    package struct Student: Sendable, Equatable {
        package var architecture = "residual-small"
        package var modality = "depth"
        /// How the modality becomes network input; empty: the plugin's default.
        package var encoding = ""
        /// Height and width of the input in pixels, 16...1024.
        package var size = 64
        package var initialise = Initialisation.random

        package init() {}
    }

    /// Where the student's first weights come from.
    package enum Initialisation: Sendable, Equatable {
        case random
        /// The recipe's teacher, as far as names and shapes agree.
        case teacher
        /// A model of the catalog.
        case model(String)

        /// As the recipe writes it.
        package var text: String {
            switch self {
            case .random: "random"
            case .teacher: "teacher"
            case .model(let name): name
            }
        }
    }

    /// How the student is trained.
    package struct Training: Sendable, Equatable {
        package var epochs = 10
        /// Samples in a batch; 0: `batch(for:)` the samples there are.
        package var batch = 0
        /// The peak of the cosine schedule.
        package var learningRate = 0.15
        package var momentum = 0.9
        package var weightDecay = 5e-4
        /// The part of all steps over which the learning rate rises, 0..<1.
        package var warmup = 0.03
        package var seed = 0
        /// Views drawn of each pair and replayed over the epochs.
        package var views = 4
        /// Decay of the weights' moving average; 0: off.
        package var ema = 0.99
        /// Largest norm of all gradients together; 0: no clipping.
        package var gradientClip = 5.0
        package var labelSmoothing = 0.0
        /// Epochs between evaluations; 0: only at the end.
        package var evaluateEvery = 0
        /// Seconds between checkpoints.
        package var checkpointEvery = 60
        /// Compute threads; 0: all cores.
        package var threads = 0
        /// The smallest share of each side that a view keeps.
        package var crop = 0.85
        /// The sensor's noise, drawn anew each epoch.
        package var noise = Noise.on([:])
        package var precision = Precision.automatic

        package init() {}

        /// Samples in a batch of a run on so many: 16, from 3,200 on 32, from 6,400 on 64.
        ///
        /// Few samples need small batches: students of 425 pairs learned more from 26 batches an epoch than from 6,
        /// while those of 4,000 were as good with 32 as with 64 (`make recipe`).
        package func batch(for samples: Int) -> Int {
            guard batch == 0 else { return batch }
            return samples >= 6_400 ? 64 : samples >= 3_200 ? 32 : 16
        }
    }

    /// Noise that is added to the student's input.
    package enum Noise: Sendable, Equatable {
        case off
        /// The modality's usual noise but for the settings that are given, by the names of its plugin.
        case on([String: Double])
    }

    /// What teacher and student compute in.
    package enum Precision: String, Sendable, CaseIterable {
        /// bfloat16 where the processor multiplies it, else float32.
        case automatic
        case float32
        /// Activations in bfloat16; sums, losses and the weights that are updated in float32. A processor without
        /// it computes in float32.
        case bfloat16
    }

    /// What the frozen teacher computes in.
    package enum TeacherPrecision: String, Sendable, CaseIterable {
        /// As the training does.
        case automatic
        case float32
        case bfloat16
        /// Convolutions in bytes, calibrated on the data set. Refused on a processor without sums of byte products.
        case int8
    }

    /// One term of the loss.
    package struct Objective: Sendable, Equatable {
        /// The kind of knowledge that is passed on.
        package enum Knowledge: String, Sendable, CaseIterable {
            case response, feature, relation, label
        }

        /// What becomes of the weight.
        package enum WeightSchedule: String, Sendable, CaseIterable {
            /// It stays.
            case constant
            /// It rises from epoch to epoch: `weight min(epoch / ramp_epochs, 1)`, epochs counted from 1.
            case ramp
            /// It is the objective's share of the gradient; the factor is found while training.
            case balanced
        }

        package var knowledge: Knowledge
        /// The method's name, such as `kullback-leibler`.
        package var method: String
        /// Its share of the loss; nil: the method's usual one.
        package var weight: Double?
        /// How the weight changes over the run.
        package var schedule: WeightSchedule
        /// Epochs until a ramped weight is reached.
        package var rampEpochs: Int
        /// The teacher's tap, a node's name; empty: the method's default.
        package var teacher: String
        /// The student's tap, a node's name; empty: the method's default.
        package var student: String
        /// What the method takes besides, such as `temperature`.
        package var parameters: [String: ConfigurationScalar]

        package init(
            _ knowledge: Knowledge, _ method: String, weight: Double? = nil,
            schedule: WeightSchedule = .constant, rampEpochs: Int = 20, teacher: String = "",
            student: String = "", parameters: [String: ConfigurationScalar] = [:]
        ) {
            self.knowledge = knowledge
            self.method = method
            self.weight = weight
            self.schedule = schedule
            self.rampEpochs = rampEpochs
            self.teacher = teacher
            self.student = student
            self.parameters = parameters
        }
    }

    package var name: String
    package var kind: Kind
    package var dataset: Dataset
    /// Present exactly where `kind` is `.distill`.
    package var teacher: Teacher?
    package var student: Student
    package var training: Training
    /// At least one.
    package var objectives: [Objective]

    /// Makes a recipe; without objectives it gets the kind's defaults.
    package init(
        name: String, kind: Kind, dataset: Dataset, teacher: Teacher? = nil,
        student: Student = Student(), training: Training = Training(),
        objectives: [Objective]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.dataset = dataset
        self.teacher = teacher
        self.student = student
        self.training = training
        self.objectives = objectives ?? Defaults.objectives(for: kind)
    }
}
