import Foundation

/// How a program ended and what it wrote.
struct Ending: Sendable {
    var status: Int32
    var output: String
    var errors: String
}

/// A built program, started by the tests.
enum Program {
    /// The folder that holds the programs and this test bundle.
    static let folder: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0])
            .deletingLastPathComponent().path
    }()

    /// The package's root.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Runs a program of the package, or one with an absolute path, to its end.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String]
    ) async throws -> Ending {
        let program = try RunningProgram(name, arguments, environment: environment)
        return await program.ending()
    }
}

/// A program that has not ended yet.
final class RunningProgram: Sendable {
    private let process: Process
    private let output: URL
    private let errors: URL
    private let ended: AsyncStream<Int32>

    init(_ name: String, _ arguments: [String], environment: [String: String]) throws {
        let base = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        output = base.appendingPathExtension("out")
        errors = base.appendingPathExtension("err")
        for file in [output, errors] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: name.hasPrefix("/") ? name : "\(Program.folder)/\(name)")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        ended = stream
        self.process = process
        try process.run()
    }

    deinit {
        try? FileManager.default.removeItem(at: output)
        try? FileManager.default.removeItem(at: errors)
    }

    var pid: Int32 { process.processIdentifier }

    /// What it has written to standard error so far.
    var errorsSoFar: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }
    var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    func ending() async -> Ending {
        var status: Int32 = -1
        for await value in ended { status = value }
        return Ending(status: status, output: outputSoFar, errors: errorsSoFar)
    }
}

/// Whether a process still does anything: one that only waits to be reaped does not.
func isAlive(_ pid: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let state = text.split(separator: ")").last?.split(separator: " ").first
    else { return false }
    return state != "Z" && state != "X"
}
