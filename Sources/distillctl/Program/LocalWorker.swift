import Configuration
import ControlProtocol
import Foundation

/// A `distill-worker` that runs on this side of the socket, on the user's own files.
struct LocalWorker {
    private let program: String

    /// Finds the worker beside this program or in `../libexec/distilld`.
    ///
    /// - Throws: `ControlError` `worker.missing`.
    init(_ surroundings: Surroundings = .current) throws {
        let executable = surroundings.executable ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        let candidates = [
            folder.appending(path: "distill-worker"),
            folder.deletingLastPathComponent().appending(path: "libexec/distilld/distill-worker"),
        ].map(\.path)
        let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else {
            throw ControlError(
                "worker.missing",
                "distill-worker is neither at \(candidates[0]) nor at "
                    + candidates[1],
                hint: "it is installed together with distillctl: install distilld again")
        }
        program = found
    }

    /// Where a local worker finds plugins; it keeps no caches.
    ///
    /// - Parameter further: Folders to search behind the usual ones, such as the daemon's.
    static func surroundings(
        _ surroundings: Surroundings = .current, further: [String] = []
    ) -> WorkerSurroundings {
        let usual = PluginFolders.search(configured: [], surroundings)
        return WorkerSurroundings(
            pluginFolders: usual + further.filter { !usual.contains($0) },
            cacheFolder: NSTemporaryDirectory(), cacheQuota: 0,
            threads: ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Has one assignment done.
    ///
    /// - Returns: what the worker ended with.
    /// - Throws: `ControlError` for a worker that failed, crashed or said nothing.
    func answer(
        to assignment: WorkerAssignment, role: String, log: (String, String) -> Void = { _, _ in }
    ) throws -> JSONValue {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [role, "--assignment", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw ControlError(
                "worker.missing", "\(program) cannot be started: \(error.localizedDescription)")
        }
        signal(SIGPIPE, SIG_IGN)
        let worker = process.processIdentifier
        let interruption = Interruption { kill(worker, SIGKILL) }
        defer { interruption.end() }
        try? input.fileHandleForWriting.write(contentsOf: ControlJSON.encode(assignment))
        try? input.fileHandleForWriting.close()
        var ending: WorkerReport?
        var lines = ReportReader(output.fileHandleForReading)
        while let report = try lines.next() {
            switch report {
            case .log(let level, let message): log(level, message)
            case .finished, .failed, .stopped: ending = report
            default: break
            }
        }
        process.waitUntilExit()
        return try result(ending, process)
    }

    private func result(_ ending: WorkerReport?, _ process: Process) throws -> JSONValue {
        switch ending {
        case .finished(let payload): return payload
        case .failed(let failure):
            throw ControlError(
                failure.code, failure.message, hint: failure.hint, retryable: failure.retryable)
        default:
            let how =
                process.terminationReason == .uncaughtSignal
                ? "was ended by signal \(process.terminationStatus)"
                : "exited with \(process.terminationStatus)"
            throw ControlError(
                "worker.crashed", "\(program) \(how) before it was done",
                hint: "a plugin or the file may be at fault; what it wrote stands above")
        }
    }
}

/// Cuts a worker's output into reports.
private struct ReportReader {
    private let file: FileHandle
    private var buffered = Data()

    init(_ file: FileHandle) { self.file = file }

    mutating func next() throws -> WorkerReport? {
        while true {
            if let end = buffered.firstIndex(of: 0x0A) {
                let line = Data(buffered[buffered.startIndex..<end])
                buffered = Data(buffered[(end + 1)...])
                // What a plugin prints gets in between: only reports count.
                if let report = try? ControlJSON.decode(WorkerReport.self, from: line) {
                    return report
                }
                continue
            }
            let more = file.availableData
            guard !more.isEmpty else { return nil }
            buffered.append(more)
        }
    }
}
