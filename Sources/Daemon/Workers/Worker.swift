import CLinux
package import ControlProtocol
import Dispatch
import Foundation
import Glibc
import Synchronization

/// One running worker process and the line to it.
///
/// A thread of its own reads the reports, waits where they are not taken, and reaps the process.
/// When the daemon dies the line closes and the worker ends by itself.
package final class Worker: Sendable {
    package let pid: Int32

    private struct State {
        var isReaped = false
        var isAbandoned = false
        var verdict: WorkerExit?
        var exit: WorkerExit?
        var waiting: [CheckedContinuation<WorkerExit, Never>] = []
    }

    private let channel: Int32
    private let silence: Duration
    private let state = Mutex(State())
    private let reports: AsyncStream<WorkerReport>
    private let deliver: AsyncStream<WorkerReport>.Continuation
    /// Room for reports that were read and not yet taken.
    private let room = DispatchSemaphore(value: 256)

    /// Starts the program for an assignment.
    ///
    /// - Parameters:
    ///   - log: Receives what the process prints; nil: thrown away.
    ///   - silence: How long it may say nothing before it is killed.
    /// - Throws: `ControlError` when it cannot be started.
    package init(
        _ assignment: WorkerAssignment, with program: WorkerProgram, log: String?,
        silence: Duration
    ) throws {
        let line = try ControlJSON.encode(assignment) + [0x0A]
        let child = try ChildProcess.start(program, arguments: [assignment.role], log: log)
        pid = child.pid
        channel = child.channel
        self.silence = silence
        (reports, deliver) = AsyncStream.makeStream()
        let thread = Thread { [self] in supervise(line) }
        thread.name = "worker \(child.pid)"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Hands on every report in order and returns when the process has ended.
    ///
    /// A cancelled task kills the worker.
    package func run(_ receive: (WorkerReport) async -> Void) async -> WorkerExit {
        await withTaskCancellationHandler {
            for await report in reports {
                room.signal()
                await receive(report)
            }
            abandon()
            return await ended()
        } onCancel: {
            kill()
        }
    }

    /// Asks it to write a checkpoint and end.
    package func stop() {
        guard var line = try? ControlJSON.encode(WorkerCommand.stop) else { return }
        line.append(0x0A)
        state.withLock { state in
            guard !state.isReaped else { return }
            _ = line.withUnsafeBytes { clinux_send(channel, $0.baseAddress, $0.count) }
        }
    }

    /// Ends it and whatever it started, at once.
    package func kill() {
        state.withLock { state in
            // Once reaped the number may belong to somebody else.
            if !state.isReaped { _ = Glibc.kill(-pid, SIGKILL) }
        }
    }

    private func ended() async -> WorkerExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.exit == nil { state.waiting.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    private func abandon() {
        state.withLock { $0.isAbandoned = true }
        room.signal()
    }

    // MARK: The thread

    private func supervise(_ assignment: Data) {
        if send(assignment) { readReports() }
        deliver.finish()
        let exit = reap()
        state.withLock { state in
            state.exit = exit
            for continuation in state.waiting { continuation.resume(returning: exit) }
            state.waiting = []
        }
    }

    private func send(_ line: Data) -> Bool {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = clinux_send(channel, part.baseAddress, part.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private func readReports() {
        var lines = ReportLines()
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let process = clinux_pidfd_open(pid)
        defer { if process >= 0 { close(process) } }
        while true {
            // Something that the worker started may hold the line open after the worker has gone.
            var waiting = [
                pollfd(fd: channel, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&waiting, 2, Int32(clamping: silence.wholeMilliseconds))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return condemn(.silent) }
            if waiting[0].revents == 0 { return }
            let count = read(channel, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            do {
                for report in try lines.reports(in: chunk[0..<count]) {
                    if !state.withLock({ $0.isAbandoned }) { room.wait() }
                    deliver.yield(report)
                }
            } catch let error as ReportLines.Garbled {
                return condemn(.garbled(error.line))
            } catch {
                return condemn(.garbled("\(error)"))
            }
        }
    }

    private func condemn(_ verdict: WorkerExit) {
        state.withLock { $0.verdict = verdict }
        kill()
    }

    /// Waits for the end, giving a process that closed its line five seconds.
    private func reap() -> WorkerExit {
        let descriptor = clinux_pidfd_open(pid)
        if descriptor >= 0 {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&waiting, 1, 5_000) < 0 && errno == EINTR {}
            close(descriptor)
            if waiting.revents == 0 { kill() }
        }
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        // Still a zombie: its number, and its group's, cannot have been given away yet.
        kill()
        return state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            state.isReaped = true
            close(channel)
            if let verdict = state.verdict { return verdict }
            return clinux_signaled(status) != 0
                ? .signal(clinux_term_signal(status)) : .code(clinux_exit_code(status))
        }
    }
}

extension Duration {
    /// Milliseconds, the part below cut off.
    var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds as a number.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension Worker {
    /// Ends it by force unless it has ended by then.
    package func kill(after grace: Duration) {
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .milliseconds(Int(clamping: grace.wholeMilliseconds))
        ) { [self] in kill() }
    }
}
