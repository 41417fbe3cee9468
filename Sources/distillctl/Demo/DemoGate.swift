import ControlProtocol

/// A bound that the demonstration holds itself to.
struct DemoGate: Sendable {
    enum Side: String, Sendable {
        case atLeast = "at least"
        case atMost = "at most"
    }

    var name: String
    /// Nil: it was not measured, and the gate fails.
    var value: Double?
    var side: Side
    var bound: Double?

    var passed: Bool {
        guard let value, let bound, value.isFinite, bound.isFinite else { return false }
        // Sums of fractions are not exact in the last bit.
        return side == .atLeast ? value >= bound - 1e-9 : value <= bound + 1e-9
    }

    var json: JSONValue {
        .object([
            "name": .string(name), "value": value.map { .number($0) } ?? .null,
            "side": .string(side.rawValue), "bound": bound.map { .number($0) } ?? .null,
            "passed": .bool(passed),
        ])
    }

    /// The gates over what was measured.
    static func all(_ metric: (DemoArm, String) -> Double?, chance: Double) -> [DemoGate] {
        func accuracy(_ arm: DemoArm) -> Double? { metric(arm, "accuracy") }
        return [
            DemoGate(
                name: "teacher's accuracy", value: accuracy(.teacher), side: .atLeast, bound: 0.9),
            DemoGate(
                name: "oracle's accuracy", value: accuracy(.oracle), side: .atLeast, bound: 0.88),
            DemoGate(
                name: "distilled against .95 of the oracle", value: accuracy(.distilled),
                side: .atLeast, bound: accuracy(.oracle).map { 0.95 * $0 }),
            DemoGate(
                name: "distilled against few labels + .40", value: accuracy(.distilled),
                side: .atLeast, bound: accuracy(.fewLabels).map { $0 + 0.4 }),
            DemoGate(
                name: "distilled on misleading colours",
                value: metric(.distilled, "accuracy.contradicting.1"), side: .atLeast, bound: 0.7),
            DemoGate(
                name: "shuffled pairs stay at chance", value: accuracy(.shuffled), side: .atMost,
                bound: chance + 0.05),
            DemoGate(
                name: "wall colour stays at chance", value: accuracy(.colour), side: .atMost,
                bound: chance + 0.05),
        ]
    }
}
