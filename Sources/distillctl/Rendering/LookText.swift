import Console
import ControlProtocol

/// What pairs hold, in figures.
enum LookText {
    static func lines(_ reply: LookReply, _ terminal: Terminal) -> [String] {
        var table = Table([
            .init("KEY", shrinks: true), .init("MODALITY"), .init("SIZE"), .init("VALID", .right),
            .init("5 %", .right), .init("MEDIAN", .right), .init("95 %", .right), .init("UNIT"),
        ])
        var failures: [String] = []
        for pair in reply.pairs {
            for (number, picture) in pair.pictures.enumerated() {
                if let error = picture.error {
                    failures.append(
                        terminal.styled("\(pair.key), \(picture.modality): \(error)", .red))
                    continue
                }
                let isMeasured = picture.high > 0
                table.add([
                    number == 0 ? pair.key : "", picture.modality,
                    "\(picture.width)x\(picture.height)", SurveyText.percent(picture.valid),
                    isMeasured ? SurveyText.number(picture.low) : nil,
                    isMeasured ? SurveyText.number(picture.median) : nil,
                    isMeasured ? SurveyText.number(picture.high) : nil, picture.unit,
                ])
            }
        }
        let views = reply.pairs.map(\.viewValid)
        let mean = views.reduce(0, +) / Double(max(1, views.count))
        var lines = terminal.lines(table, empty: "no pair could be read") + failures
        lines.append(
            "the student's view, \(reply.size)x\(reply.size) as `\(reply.encoding)`: "
                + "\(SurveyText.percent(mean)) of its pixels hold a value")
        if let file = reply.file { lines.append("drawn in \(terminal.styled(file, .bold))") }
        return lines
    }
}
