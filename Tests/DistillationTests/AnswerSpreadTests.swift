import Distillation
import Testing

@Suite("Whether answers depend on pictures") struct AnswerSpreadTests {
    private func spread(_ count: Int, _ answer: (Int) -> [Float]) -> AnswerSpread {
        var spread = AnswerSpread(width: answer(0).count)
        for index in 0..<count { spread.add(answer(index)) }
        return spread
    }

    @Test func answersThatFollowThePictureAreFine() {
        let good = spread(64) { index in (0..<5).map { $0 == index % 5 ? 4 : 0 } }
        #expect(!good.hardlyDiffers)
        #expect(good.warning(of: "t", classes: ["a", "b", "c", "d", "e"]) == nil)
    }

    @Test func answersThatDoNotAreTold() {
        // Scores that lie far apart and move by a thousandth.
        let still = spread(64) { index in [5, 1, -3].map { $0 + Float(index % 3) / 1000 } }
        #expect(still.hardlyDiffers)
        #expect(
            still.warning(of: "t", classes: ["a", "b", "c"])?.contains("hardly differ") == true)
        // Scores that move, of which one always wins.
        let same = spread(64) { index in [9, Float(index % 7), Float(index % 5)] }
        #expect(!same.hardlyDiffers)
        let warning = same.warning(of: "t", classes: ["mug", "bowl", "sofa"])
        #expect(warning?.contains("`mug`") == true && warning?.contains("64 of 64") == true)
        // Of a few frames nobody can say it, and of two classes one may well win.
        #expect(spread(8) { _ in [9, 0, 0] }.warning(of: "t", classes: []) == nil)
        #expect(
            spread(64) { [9, Float($0 % 7)] }.warning(of: "t", classes: ["a", "b"]) == nil)
    }
}
