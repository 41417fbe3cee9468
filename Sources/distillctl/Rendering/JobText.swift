import Console
import ControlProtocol

/// Jobs as people read them.
enum JobText {
    static func table(_ jobs: [JobSummary], _ terminal: Terminal) -> Table {
        var table = Table([
            .init("ID"), .init("NAME", shrinks: true), .init("KIND"), .init("STATE"),
            .init("PROGRESS"), .init("DATASET", shrinks: true), .init("TIME", .right),
            .init("RESULT", shrinks: true),
        ])
        for job in jobs {
            table.add([
                job.id, job.name, job.kind, terminal.state(job.state.rawValue), progress(job),
                job.dataset, Phrases.span(job.started, job.finished), result(job),
            ])
        }
        return table
    }

    private static func progress(_ job: JobSummary) -> String? {
        guard !job.state.isFinal, let progress = job.progress, progress.steps > 0
        else { return job.phase }
        let percent = progress.step * 100 / progress.steps
        return "\(job.phase ?? "epoch \(progress.epoch)/\(progress.epochs)") \(percent) %"
    }

    private static func result(_ job: JobSummary) -> String? {
        if let error = job.error { return error.message }
        let headline = Phrases.headline(job.metrics)
        return headline.isEmpty ? job.model.map { "model \($0)" } : headline
    }

    static func lines(_ job: JobSummary, _ terminal: Terminal) -> [String] {
        var fields = Fields()
        fields.add("job", "\(job.id), \(job.name)")
        fields.add("kind", job.kind)
        fields.add(
            "state", terminal.state(job.state.rawValue) + (job.phase.map { ", \($0)" } ?? ""))
        if let error = job.error {
            fields.add("error", terminal.styled("\(error.message) (\(error.code))", .red))
            fields.add("hint", error.hint)
        }
        for warning in warnings(job) { fields.add("warning", terminal.styled(warning, .yellow)) }
        fields.add(
            "next attempt",
            job.retryAt.map {
                "in "
                    + HumanUnits.duration(
                        seconds: Double(max(0, $0.milliseconds - Timestamp.now.milliseconds))
                            / 1000)
            })
        fields.add("data set", job.dataset)
        fields.add("teacher", job.teacher)
        fields.add(
            "student", [job.student, job.modality].compactMap(\.self).joined(separator: ", "))
        if let progress = job.progress {
            fields.add(
                "progress",
                "step \(progress.step) of \(progress.steps), epoch \(progress.epoch) of "
                    + "\(progress.epochs), \(HumanUnits.rate(progress.samplesPerSecond, of: "samples"))"
            )
            fields.add(
                "loss",
                progress.losses.sorted {
                    ($0.key == "total" ? "" : $0.key) < ($1.key == "total" ? "" : $1.key)
                }
                .map { "\($0.key) \(HumanUnits.decimal($0.value, places: 4))" }
                .joined(separator: ", "))
        }
        if job.attempts > 0 { fields.add("failed attempts", String(job.attempts)) }
        fields.add("added", Phrases.age(job.created))
        fields.add("took", Phrases.span(job.started, job.finished))
        fields.add("model", job.model)
        fields.add("run folder", job.runFolder)
        fields.add("worker", job.workerPID.map { "pid \($0)" })
        var lines = fields.lines(terminal)
        if !job.metrics.isEmpty {
            lines += terminal.heading("metrics") + Phrases.metrics(job.metrics, terminal)
        }
        if let recipe = job.recipe {
            lines += terminal.heading("recipe")
            lines += recipe.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0) }
            if lines.last == "" { lines.removeLast() }
        }
        return lines
    }

    /// How a job ended, for commands that waited for it.
    static func ending(_ job: JobSummary, _ terminal: Terminal) -> [String] {
        var line = "\(job.id) \(job.name) \(terminal.state(job.state.rawValue))"
        if let took = Phrases.span(job.started, job.finished) { line += " after \(took)" }
        let headline = Phrases.headline(job.metrics)
        if !headline.isEmpty { line += ": \(headline)" }
        var lines = [line]
        if let model = job.model {
            lines.append(
                "model \(terminal.styled(model, .bold)): distillctl models show \(model)")
        }
        return lines + warnings(job).map { terminal.styled("warning: \($0)", .yellow) }
    }

    private static func warnings(_ job: JobSummary) -> [String] {
        (job.warnings ?? []).map { $0.hint.isEmpty ? $0.message : "\($0.message); \($0.hint)" }
    }
}
