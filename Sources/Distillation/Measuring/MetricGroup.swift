/// Metrics that need the same things, so that one reason explains why all of them are missing.
///
/// The names are stable: scripts, catalogs and manuals rely on them.
package enum MetricGroup: CaseIterable, Sendable {
    /// Labels of the measured samples, and a classifier.
    case labels
    /// Labels of training samples and of the measured ones.
    case probes
    /// A classifier.
    case flips
    /// A teacher with the same classes, and a classifier.
    case agreement
    /// A teacher, and a projector to its feature space or features of the same width.
    case commonSpace
    /// A teacher.
    case structure
    /// A teacher, and training pairs.
    case readings
    /// A teacher with a classifier that looks at another modality than the model.
    case fedTeacher

    /// The metrics by name; what only accompanies them, such as chance, is not listed.
    package var names: [String] {
        switch self {
        case .labels: ["accuracy", "macro_f1", "calibration_error"]
        case .probes: ["linear_probe", "ridge_probe", "nearest_neighbours"]
        case .flips: ["flip_consistency"]
        case .agreement: ["agreement", "kappa", "kullback_leibler"]
        case .commonSpace: ["centred_cosine", "raw_cosine", "retrieval_at_1", "retrieval_at_10"]
        case .structure: ["cka", "mutual_neighbours", "teacher_effective_rank"]
        case .readings:
            [
                "taught_accuracy", "taught_agreement", "mapped_retrieval_at_1",
                "mapped_retrieval_at_10",
            ]
        case .fedTeacher: ["fed_teacher_accuracy", "fed_teacher_agreement"]
        }
    }

    /// Those that compare with a teacher.
    static let ofTeacher: [MetricGroup] = [
        .agreement, .commonSpace, .structure, .readings, .fedTeacher,
    ]
}
