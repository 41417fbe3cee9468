import Console

/// report.html: one file with everything in it, light or dark as the reader likes.
struct ReportPage {
    private let report: DemoReport

    init(_ report: DemoReport) {
        self.report = report
    }

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>distilld demo</title>
        <style>
        \(ReportPage.style)
        </style>
        </head>
        <body>
        <h1>From RGB to depth without a label</h1>
        <p>\(lead)</p>
        <h2>Arms</h2>
        \(arms)
        <p class="note">Measured on the test split; guessing scores \(figure(report.chance)). \
        Misled: accuracy on pairs whose colours suggest another class. Agreement, centred cosine and R@1 compare with the arm's teacher on pairs without labels.</p>
        <h2>Gates</h2>
        \(gates)
        <h2>Test pairs</h2>
        <p class="note">RGB on the left, depth on the right: near is bright, no reading is black. \
        Marked pairs wear another class's colours, which misleads the teacher.</p>
        <div class="pairs">
        \(pairs)
        </div>
        <h2>Loss</h2>
        <div class="curves">
        \(curves)
        </div>
        <h2>Confusion of the distilled student</h2>
        \(confusion)
        <footer>\(footer)</footer>
        </body>
        </html>

        """
    }

    private var lead: String {
        let student = report.result(.distilled)
        let misled = student?.metrics["accuracy.contradicting.1"]
        let teacher = report.result(.teacher)
        return """
            A student that sees only depth learnt from \(report.setting.pairs) pairs that nobody \
            labelled and names \(percent(student?.metrics["accuracy"])) of the test pictures \
            rightly. Its teacher, on RGB, reaches \(percent(teacher?.metrics["accuracy"])). Where \
            an object wears another class's colours the teacher is right in \
            \(percent(teacher?.metrics["accuracy.contradicting.1"])) of cases, the student in \
            \(percent(misled)).
            """
    }

    private func percent(_ value: Double?) -> String {
        value.map { HumanUnits.percent($0) } ?? "an unknown share"
    }

    private func figure(_ value: Double?) -> String { DemoTable.figure(value) ?? "–" }

    private var arms: String {
        let head = DemoTable.columns.map { "<th>\($0.title)</th>" }.joined()
        let rows = report.results.map { result in
            let cells = DemoTable.columns.map { "<td>\(figure(result.metrics[$0.metric]))</td>" }
            return "<tr><th>\(result.arm.title)</th>\(cells.joined())"
                + "<td>\(HumanUnits.duration(seconds: result.seconds))</td></tr>"
        }
        return """
            <div class="wide"><table>
            <tr><th></th>\(head)<th>time</th></tr>
            \(rows.joined(separator: "\n"))
            </table></div>
            """
    }

    private var gates: String {
        let rows = report.gates.map { gate in
            "<tr><th>\(gate.name)</th><td>\(figure(gate.value))</td>"
                + "<td>\(gate.side.rawValue) \(figure(gate.bound))</td>"
                + "<td class=\"\(gate.passed ? "pass" : "fail")\">"
                + "\(gate.passed ? "pass" : "FAIL")</td></tr>"
        }
        return """
            <div class="wide"><table>
            <tr><th></th><th>measured</th><th>bound</th><th></th></tr>
            \(rows.joined(separator: "\n"))
            </table></div>
            """
    }

    private var pairs: String {
        SamplePicture.chosen(report.setting).map { picture in
            """
            <figure\(picture.isMisleading ? " class=\"misleading\"" : "")>\
            <img src="\(picture.colour)" alt="RGB"><img src="\(picture.depth)" alt="depth">\
            <figcaption>\(picture.label)\(picture.isMisleading ? ", misleading" : "")</figcaption>\
            </figure>
            """
        }.joined(separator: "\n")
    }

    private var curves: String {
        report.results.map {
            "<figure>\(CurveChart($0.curve).svg)<figcaption>\($0.arm.title)</figcaption></figure>"
        }.joined(separator: "\n")
    }

    private var confusion: String {
        guard let confusion = report.result(.distilled)?.confusion else {
            return "<p>not measured</p>"
        }
        let head = confusion.classes.map { "<th class=\"turned\"><span>\($0)</span></th>" }
        let rows = zip(confusion.classes, confusion.counts).map { name, counts in
            let total = Double(max(1, counts.reduce(0, +)))
            let cells = counts.map { count -> String in
                let share = Int((100 * Double(count) / total).rounded())
                return count == 0
                    ? "<td></td>" : "<td style=\"--share:\(share)%\">\(count)</td>"
            }
            return "<tr><th>\(name)</th>\(cells.joined())</tr>"
        }
        return """
            <p class="note">Rows: what it is; columns: what the student says.</p>
            <div class="wide"><table class="confusion">
            <tr><th></th>\(head.joined())</tr>
            \(rows.joined(separator: "\n"))
            </table></div>
            """
    }

    private var footer: String {
        let machine = report.machine
        return """
            \(HumanUnits.duration(seconds: report.seconds)) in all, \
            \(HumanUnits.rate(report.samplesPerSecond, of: "training samples")) while distilling, \
            seed \(report.setting.seed), \(report.setting.epochs) epochs. \(machine.processor), \
            \(machine.cores) cores, \(HumanUnits.bytes(Int(machine.memoryBytes))) memory, \
            \(machine.system).
            """
    }
}
