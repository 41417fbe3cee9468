import Graphs
import Tensors

/// Brings a student's and a teacher's map to one size.
///
/// Where one size divides the other the larger map is average-pooled to the smaller one; else, or where
/// the modalities are not registered, only the means over all positions are comparable.
enum SpatialAlignment: Hashable {
    case same
    case poolStudent(factors: [Int])
    case poolTeacher(factors: [Int])
    case meansOnly

    /// - Parameters: shapes `[batch, channels, height, width]`.
    init(student: Shape, teacher: Shape, registered: Bool) {
        let student = student.dimensions[2...]
        let teacher = teacher.dimensions[2...]
        if !registered {
            self = .meansOnly
        } else if student == teacher {
            self = .same
        } else if zip(student, teacher).allSatisfy({ $0 % $1 == 0 }) {
            self = .poolStudent(factors: zip(student, teacher).map { $0 / $1 })
        } else if zip(student, teacher).allSatisfy({ $1 % $0 == 0 }) {
            self = .poolTeacher(factors: zip(student, teacher).map { $1 / $0 })
        } else {
            self = .meansOnly
        }
    }

    func apply(
        student: Value, teacher: Value, in graph: inout Graph
    ) throws -> (student: Value, teacher: Value) {
        switch self {
        case .same:
            return (student, teacher)
        case .poolStudent(let factors):
            return (try graph.averagePool(student, window: factors), teacher)
        case .poolTeacher(let factors):
            return (student, try graph.averagePool(teacher, window: factors))
        case .meansOnly:
            return (
                try graph.reduce(.mean, student, axes: [2, 3], keepDimensions: true),
                try graph.reduce(.mean, teacher, axes: [2, 3], keepDimensions: true)
            )
        }
    }
}
