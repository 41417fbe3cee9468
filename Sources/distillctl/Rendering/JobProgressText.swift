import Console
import ControlProtocol

/// The losses of a running job in the order of its steps.
struct LossHistory {
    private var lastStep = -1
    private(set) var values: [Double] = []

    /// Takes a line of the run's metrics.jsonl or a progress report; older steps are ignored.
    mutating func add(step: Int, loss: Double?) {
        // A job that resumes from a checkpoint goes back.
        guard step != lastStep, let loss else { return }
        lastStep = step
        values.append(loss)
    }
}

/// A running job as a few lines that are drawn again and again.
enum JobProgressText {
    static func lines(
        _ job: JobSummary, losses: LossHistory, _ terminal: Terminal, width: Int
    ) -> [String] {
        var head = "\(terminal.styled(job.id, .bold))  \(job.name)  "
        head += terminal.state(job.state.rawValue)
        if let phase = job.phase { head += ", \(phase)" }
        guard let progress = job.progress, !job.state.isFinal else { return [head] }
        var details: [String] = []
        if progress.secondsLeft > 0 {
            details.append("ETA \(HumanUnits.duration(seconds: progress.secondsLeft))")
        }
        if progress.samplesPerSecond > 0 {
            details.append(HumanUnits.rate(progress.samplesPerSecond, of: "samples"))
        }
        let bar = ProgressBar(
            title: title(job, progress),
            fraction: Double(progress.step) / Double(max(1, progress.steps)), details: details
        ).line(width: width - 1, colour: terminal.colour)
        var lines = [head, bar]
        if let loss = progress.losses["total"] {
            let curve = Sparkline.text(losses.values, width: min(40, width - 20))
            lines.append(
                "loss \(HumanUnits.decimal(loss, places: 4))  \(terminal.styled(curve, .cyan))")
        }
        return lines
    }

    /// Before the first epoch steps count what is prepared, not what is learnt.
    private static func title(_ job: JobSummary, _ progress: JobProgress) -> String {
        progress.epoch > 0
            ? "epoch \(progress.epoch)/\(progress.epochs)" : job.phase ?? "preparing"
    }

    /// What is worth a line of its own where nothing can be redrawn: state, phase, epoch.
    static func key(_ job: JobSummary) -> String {
        "\(job.state.rawValue) \(job.phase ?? "") \(job.progress?.epoch ?? 0)"
    }

    static func plain(_ job: JobSummary) -> String {
        var text = "\(job.id) \(job.name): \(job.state.rawValue)"
        if let phase = job.phase { text += ", \(phase)" }
        if let progress = job.progress, !job.state.isFinal {
            if progress.epoch > 0 { text += ", epoch \(progress.epoch)/\(progress.epochs)" }
            if let loss = progress.losses["total"] {
                text += ", loss \(HumanUnits.decimal(loss, places: 4))"
            }
            if progress.samplesPerSecond > 0 {
                text += ", \(HumanUnits.rate(progress.samplesPerSecond, of: "samples"))"
            }
        }
        if let error = job.error { text += ": \(error.message)" }
        return text
    }
}
