package import ControlProtocol
import Foundation
import Synchronization

/// A worker's line to whoever started it: assignment and commands in, reports out, one JSON object a line.
///
/// Under the daemon it is a socket, and the worker exits when that closes: the daemon is gone, and a
/// worker must not outlive it. Run by hand it is a file for the assignment and standard output.
package final class WorkerChannel: Sendable {
    private let output: Int32
    private let stop = Mutex(false)
    private let writing = Mutex(())

    /// Speaks over a connected socket.
    ///
    /// - Throws: `WorkerFailure` when the first line is not an assignment.
    package static func socket(_ descriptor: Int32) throws -> (WorkerChannel, WorkerAssignment) {
        var reader = LineReader(descriptor: descriptor)
        guard let line = reader.next() else {
            throw ChannelError(message: "the control channel closed before an assignment came")
        }
        let assignment = try decode(line)
        let channel = WorkerChannel(output: descriptor)
        channel.listen(reader)
        return (channel, assignment)
    }

    /// Reads the assignment from a file (`-`: standard input) and reports on standard output.
    package static func local(_ path: String) throws -> (WorkerChannel, WorkerAssignment) {
        let data: Data
        if path == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            guard let read = FileManager.default.contents(atPath: path) else {
                throw ChannelError(message: "the assignment file \(path) cannot be read")
            }
            data = read
        }
        return (WorkerChannel(output: STDOUT_FILENO), try decode(data))
    }

    private init(output: Int32) {
        self.output = output
    }

    /// Whether the job was asked to checkpoint and end.
    package var shouldStop: Bool { stop.withLock { $0 } }

    /// Asks the job to checkpoint and end, as `WorkerCommand.stop` does.
    package func requestStop() { stop.withLock { $0 = true } }

    /// Sends one line. A closed channel ends the process: nobody is there to work for.
    package func report(_ report: WorkerReport) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinities: what a diverged run says of itself still must arrive.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var line: Data
        do {
            line = try encoder.encode(report)
        } catch {
            line = Data(
                #"{"failed":{"_0":{"code":"worker.report","message":"a report cannot be written "#
                    .utf8)
            line.append(Data(#"as JSON","pause":false,"retryable":false}}}"#.utf8))
        }
        line.append(0x0A)
        writing.withLock { _ in
            line.withUnsafeBytes { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = write(output, rest.baseAddress, rest.count)
                    if count < 0 {
                        if errno == EINTR { continue }
                        _exit(WorkerChannel.orphaned)
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                }
            }
        }
    }

    /// The exit status of a worker whose control channel closed.
    package static let orphaned: Int32 = 70

    private static func decode(_ line: Data) throws -> WorkerAssignment {
        do {
            return try JSONDecoder().decode(WorkerAssignment.self, from: line)
        } catch {
            throw ChannelError(message: "the first line is not an assignment: \(error)")
        }
    }

    private func listen(_ reader: LineReader) {
        let thread = Thread { [self] in
            var reader = reader
            while let line = reader.next() {
                if (try? JSONDecoder().decode(WorkerCommand.self, from: line)) == .stop {
                    requestStop()
                }
            }
            _exit(WorkerChannel.orphaned)
        }
        thread.name = "control"
        thread.start()
    }
}

/// Why a worker has nothing to do.
struct ChannelError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}

/// Splits what a descriptor delivers into lines.
struct LineReader: Sendable {
    let descriptor: Int32
    private var buffered = Data()

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next line without its end, nil when the other side has closed.
    mutating func next() -> Data? {
        while true {
            if let end = buffered.firstIndex(of: 0x0A) {
                let line = Data(buffered[buffered.startIndex..<end])
                buffered = Data(buffered[(end + 1)...])
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffered.append(contentsOf: chunk[0..<count])
        }
    }
}
