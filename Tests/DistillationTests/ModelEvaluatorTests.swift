import Batching
import Distillation
import Evaluation
import Testing

@Suite("What a model's answers tell")
struct ModelEvaluatorTests {
    private let classes = ["c0", "c1", "c2"]

    @Test("With labels, teacher, mirrored frames and training samples nothing is left out")
    func everything() throws {
        let samples = Answers.samples(90, classes: 3)
        let student = Answers.of(samples, classes: 3, wrong: 9)
        let teacher = Answers.of(samples, classes: 3, wrong: 10, seed: 2)
        var beside = ModelEvaluator.Beside()
        beside.mirrored = Answers.of(samples, classes: 3, wrong: 5)
        beside.known = Answers.of(
            Answers.samples(120, classes: 3, first: 500, split: "train"), classes: 3, seed: 3)
        let pairs = Answers.samples(100, classes: 3, first: 700, split: "train", labelled: false)
        beside.pairs = (
            Answers.of(pairs, classes: 3, seed: 4), Answers.of(pairs, classes: 3, seed: 5)
        )
        beside.fed = Answers.of(samples, classes: 3, wrong: 3, seed: 6)
        let outcome = try ModelEvaluator.outcome(
            student, classes: classes, teacher: teacher, teacherClasses: classes, projector: nil,
            beside: beside)
        #expect(outcome.leftOut.isEmpty, "\(outcome.leftOut)")
        for name in MetricGroup.allCases.flatMap(\.names) + ["effective_rank"] {
            #expect(outcome.metrics[name]?.isFinite == true, "\(name)")
        }
        #expect(outcome.metrics["accuracy"] == 80.0 / 90)
        #expect(outcome.metrics["accuracy.side.left"] != nil)
        // 10 of 90 are wrong as they are, 18 mirrored, 2 of them both times alike.
        #expect(outcome.metrics["flip_consistency"] == 66.0 / 90)
        #expect(outcome.metrics["linear_probe"] == 1 && outcome.metrics["ridge_probe"] == 1)
        #expect(outcome.metrics["nearest_neighbours"] == 1)
        // The features are those of the right classes, so a map that the teacher taught finds them.
        #expect(outcome.metrics["taught_accuracy"] == 1)
        #expect(outcome.metrics["taught_agreement"] == 81.0 / 90)
        // Every third answer is wrong, and every tenth of the teacher's own, every thirtieth both in one way.
        #expect(outcome.metrics["fed_teacher_accuracy"] == 60.0 / 90)
        #expect(outcome.metrics["fed_teacher_agreement"] == 57.0 / 90)
        #expect(outcome.probeSamples == 120 && outcome.labelled == 90)
        #expect(
            Set(outcome.scores.keys) == [
                "accuracy", "linear_probe", "ridge_probe", "nearest_neighbours",
                "flip_consistency", "agreement", "retrieval_at_1", "retrieval_at_10",
                "mapped_retrieval_at_1", "mapped_retrieval_at_10", "taught_accuracy",
                "taught_agreement", "fed_teacher_accuracy", "fed_teacher_agreement",
            ])
        #expect(outcome.scores["accuracy"]?.samples == samples.map(\.id))
        let interval = try #require(try outcome.scores["accuracy"]?.interval())
        #expect(interval.low > 0.8 && interval.low < 0.88 && interval.high > 0.9)
    }

    @Test("What is missing is named with the reason")
    func reasons() throws {
        let unlabelled = Answers.of(
            Answers.samples(40, classes: 3, labelled: false), classes: 3, head: false)
        let bare = try ModelEvaluator.outcome(
            unlabelled, classes: [], teacher: nil, teacherClasses: [], projector: nil)
        #expect(Set(bare.leftOut.keys) == Set(MetricGroup.allCases.flatMap(\.names)))
        #expect(bare.metrics.entries.map(\.name) == ["effective_rank"])
        #expect(bare.leftOut["accuracy"] == "the model has no classifier")
        #expect(bare.leftOut["kappa"] == "the model has no teacher")

        let samples = Answers.samples(40, classes: 3)
        let wide = Answers.of(samples, classes: 3, width: 9, seed: 4)
        let others = try ModelEvaluator.outcome(
            Answers.of(samples, classes: 3), classes: ["x", "y", "z"], teacher: wide,
            teacherClasses: classes, projector: nil)
        #expect(others.leftOut["accuracy"]?.contains("3 classes") == true)
        #expect(others.leftOut["agreement"]?.contains("other classes") == true)
        #expect(others.leftOut["centred_cosine"]?.contains("6 features") == true)
        #expect(others.leftOut["centred_cosine"]?.contains("9") == true)
        #expect(others.metrics["cka"] != nil && others.metrics["centred_cosine"] == nil)

        let strangers = Answers.of(Answers.samples(40, classes: 3, first: 900), classes: 3)
        let apart = try ModelEvaluator.outcome(
            Answers.of(samples, classes: 3), classes: classes, teacher: strangers,
            teacherClasses: classes, projector: nil)
        #expect(apart.leftOut["cka"]?.contains("both") == true)
        #expect(apart.metrics["effective_rank"] != nil)
    }

    @Test("Samples are spread evenly and always alike")
    func spread() {
        let samples = Answers.samples(100, classes: 2)
        #expect(samples.shuffled().spread(4).map(\.id) == [1, 26, 51, 76])
        #expect(samples.spread(100).count == 100 && samples.spread(1000).count == 100)
        #expect(samples.spread(0).isEmpty)
    }
}
