import Batching
import ControlProtocol
import Distillation

/// Passes what a run tells on to whoever started the worker.
final class ChannelObserver: RunObserver {
    private let channel: WorkerChannel

    init(_ channel: WorkerChannel) {
        self.channel = channel
    }

    var shouldStop: Bool { channel.shouldStop }

    func entered(phase: String) { channel.report(.phase(phase)) }

    func progressed(_ progress: RunProgress) {
        channel.report(
            .progress(
                TrainingProgress(
                    step: progress.step, steps: progress.steps, epoch: progress.epoch,
                    epochs: progress.epochs, samplesPerSecond: progress.samplesPerSecond,
                    secondsLeft: progress.secondsLeft, learningRate: progress.learningRate,
                    losses: progress.losses.filter { $0.value.isFinite })))
    }

    func measured(_ metrics: [String: Double]) {
        channel.report(.metrics(metrics.filter { $0.value.isFinite }))
    }

    func failed(_ sample: SampleError) {
        channel.report(
            .sampleFailed(
                SampleFailure(
                    sample: sample.sample, modality: sample.modality, code: sample.code,
                    reason: sample.reason)))
    }

    func wrote(_ checkpoint: Checkpoint.Written) {
        channel.report(
            .checkpoint(
                CheckpointReference(
                    step: checkpoint.step, path: checkpoint.path, sha256: checkpoint.sha256)))
    }

    func warned(_ warning: RunWarning) {
        channel.report(
            .warning(
                JobWarning(
                    code: warning.code, message: warning.message, hint: warning.hint,
                    step: warning.step)))
    }

    func log(_ level: String, _ message: String) {
        channel.report(.log(level: level, message: message))
    }
}
