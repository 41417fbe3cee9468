import Configuration

/// One training run of the demonstration: the teacher, the student, or a control.
enum DemoArm: String, CaseIterable, Sendable {
    case teacher = "demo-teacher"
    case distilled = "demo-distilled"
    case fewLabels = "demo-few-labels"
    case oracle = "demo-oracle"
    case shuffled = "demo-shuffled"
    case colourTeacher = "demo-colour-teacher"
    case colour = "demo-colour"

    /// Labels of each class that the few-label student sees.
    static let labelsPerClass = 5
    /// Classes of the synthetic scenes.
    static let classes = 10

    /// What the table calls it.
    var title: String {
        switch self {
        case .teacher: "teacher (RGB, labels)"
        case .distilled: "distilled (depth, no labels)"
        case .fewLabels: "few labels (depth, \(DemoArm.labelsPerClass) a class)"
        case .oracle: "oracle (depth, all labels)"
        case .shuffled: "shuffled pairs (control)"
        case .colourTeacher: "colour teacher (RGB)"
        case .colour: "wall colour (control)"
        }
    }

    var dataset: DemoDataset {
        switch self {
        case .colourTeacher, .colour: .colour
        default: .shapes
        }
    }

    /// The arm whose model teaches this one.
    var taughtBy: DemoArm? {
        switch self {
        case .distilled, .shuffled: .teacher
        case .colour: .colourTeacher
        default: nil
        }
    }

    /// The recipe; arms differ in nothing but what they are about.
    func recipe(_ setting: DemoSetting, teacher: String?) -> Recipe {
        var data = Recipe.Dataset(name: dataset.rawValue)
        var student = Recipe.Student()
        var training = Recipe.Training()
        training.epochs = setting.epochs
        training.seed = setting.seed
        training.precision = setting.precision
        switch self {
        case .teacher, .colourTeacher:
            student.modality = "rgb"
            student.encoding = "imagenet"
        case .distilled, .colour:
            student.initialise = .teacher
        case .shuffled:
            student.initialise = .teacher
            data.shufflePairs = true
        case .fewLabels:
            data.labelsPerClass = DemoArm.labelsPerClass
            // A few hundred steps, as the others have: the same data just comes around more often.
            training.epochs = max(1, min(300, setting.epochs * setting.pairs / 64))
        case .oracle:
            break
        }
        return Recipe(
            name: rawValue, kind: teacher == nil ? .train : .distill, dataset: data,
            teacher: teacher.map { Recipe.Teacher(model: $0) }, student: student,
            training: training)
    }

    /// How many samples it trains on.
    func samples(_ setting: DemoSetting) -> Int {
        self == .fewLabels ? DemoArm.labelsPerClass * DemoArm.classes : setting.pairs
    }
}
