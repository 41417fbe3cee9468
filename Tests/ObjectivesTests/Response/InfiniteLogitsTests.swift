import Graphs
import Objectives
import Tensors
import Testing

/// A class that is certain or excluded has an infinite logit.
@Suite struct InfiniteLogitsTests {
    enum Case: String, CaseIterable, Sendable {
        case certain, excluded, allCertain, allExcluded

        func apply(_ x: Tensor<Double>) -> Tensor<Double> {
            var result = x
            let classes = x.shape[1]
            for row in 0..<x.shape[0] {
                switch self {
                case .certain: result[row, (2 * row) % classes] = .infinity
                case .excluded: result[row, (3 * row) % classes] = -.infinity
                case .allCertain: for k in 0..<classes { result[row, k] = .infinity }
                case .allExcluded: for k in 0..<classes { result[row, k] = -.infinity }
                }
            }
            return result
        }
    }

    private static let methods = ObjectiveRegistry.all.map { $0.name }.filter {
        ($0.hasPrefix("response/") || $0.hasPrefix("label/")) && $0 != "response/classifier-reuse"
    }

    @Test(arguments: methods, Case.allCases)
    func lossAndGradientStayFinite(name: String, infinite: Case) throws {
        let whole = LossProbe.named(name)
        var student = whole
        student.student = student.student.mapValues(infinite.apply)
        var teacher = whole
        teacher.teacher = teacher.teacher.mapValues(infinite.apply)
        for probe in [student, teacher, whole.mapping(infinite.apply)] {
            for (output, value) in try probe.build().run() {
                #expect(value.values.allSatisfy { $0.isFinite }, "\(name), \(infinite): \(output)")
            }
        }
    }

    @Test func theGateStaysFinite() throws {
        var graph = Graph()
        let logits = try graph.input("logits", [4, 5])
        graph.output("weights", try ConfidenceGate().weights(logits: logits, in: &graph))
        for infinite in Case.allCases {
            var interpreter = Interpreter(graph)
            let weights = try interpreter.run(["logits": infinite.apply(Golden.teacherLogits)])
            #expect(weights["weights"]?.values.allSatisfy { (0.2...1).contains($0) } == true)
        }
    }
}
