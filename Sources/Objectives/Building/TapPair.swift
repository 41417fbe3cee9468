/// A value of the student and the value of the teacher with which it is compared.
package struct TapPair: Sendable, Hashable {
    package let student: String
    package let teacher: String

    package init(student: String, teacher: String) {
        self.student = student
        self.teacher = teacher
    }
}

extension ObjectiveTaps {
    /// The pairs of a method that compares at several depths: `layer2, layer3` on either side, in order.
    ///
    /// A side that is left open has the method's own taps where their number fits, else the names of the
    /// other side.
    /// - Throws: `ObjectiveError.parameter` for an empty name or sides of different length.
    func pairs(defaultingTo defaults: [String]) throws -> [TapPair] {
        let student = try self.student.map(ObjectiveTaps.names)
        let teacher = try self.teacher.map(ObjectiveTaps.names)
        let open = student ?? teacher ?? defaults
        let fallback = open.count == defaults.count ? defaults : open
        let left = student ?? fallback
        let right = teacher ?? fallback
        guard left.count == right.count else {
            throw ObjectiveError(
                .parameter,
                "student = \"\(left.joined(separator: ", "))\" names \(left.count) taps, teacher = "
                    + "\"\(right.joined(separator: ", "))\" \(right.count); name as many on either side"
            )
        }
        return zip(left, right).map { TapPair(student: $0, teacher: $1) }
    }

    private static func names(in list: String) throws -> [String] {
        let names = list.split(separator: ",", omittingEmptySubsequences: false).map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw ObjectiveError(
                .parameter,
                "the taps \"\(list)\" have an empty name; expected names with single commas between"
            )
        }
        return names
    }
}

extension ObjectiveRequirements {
    /// What a method reads that compares pairs of taps.
    ///
    /// - Parameter keepsSize: whether the method compares the teacher's maps at their own size.
    init(_ pairs: [TapPair], statistics: Bool = false, keepsSize: Bool = false) {
        let teacher = Set(pairs.map(\.teacher))
        self.init(
            student: Set(pairs.map(\.student)), teacher: teacher,
            statistics: statistics ? teacher : [], pairs: keepsSize ? [] : Set(pairs),
            ownSize: keepsSize ? teacher : [])
    }
}
