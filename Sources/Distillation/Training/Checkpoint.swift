import Digests
package import Execution
import Foundation
import Interchange
import Tensors

/// Everything a run needs to go on as if it had never stopped: one safetensors file.
///
/// Tensors: every state of the training store (parameters, statistics, moments, averages, memories).
/// Metadata: the step, what the run depends on, and the samples it gave up. The order of samples is a
/// function of (seed, epoch, step), so the step is also the sampler's cursor.
package struct Checkpoint: Sendable, Equatable {
    package var step: Int
    /// Digest of the resolved recipe, the sample list, the teacher and the classes.
    package var identity: String
    /// A resumed run must use as many threads to be bit-identical.
    package var threads: Int
    package var failedSamples: [Int64]

    package init(step: Int, identity: String, threads: Int, failedSamples: [Int64]) {
        self.step = step
        self.identity = identity
        self.threads = threads
        self.failedSamples = failedSamples
    }

    /// A file that was written and what to check it by.
    package struct Written: Sendable, Equatable {
        package let step: Int
        package let path: String
        package let sha256: String

        package init(step: Int, path: String, sha256: String) {
            self.step = step
            self.path = path
            self.sha256 = sha256
        }
    }

    /// Writes the store to `folder` atomically: temporary file, fsync, rename, fsync of the folder.
    package func write(_ store: StateStore, to folder: String) throws -> Written {
        let path = folder + "/" + String(format: "step-%08d.safetensors", step)
        var metadata = [
            "format": "distilld-checkpoint-1", "step": "\(step)", "identity": identity,
            "threads": "\(threads)",
        ]
        metadata["failed_samples"] = failedSamples.map(String.init).joined(separator: ",")
        var tensors: [String: Tensor<Float>] = [:]
        for name in store.names { tensors[name] = try store.read(name) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try SafeTensorsWriter.write(
                tensors, metadata: metadata, to: URL(fileURLWithPath: path))
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing the checkpoint")
        }
        return Written(step: step, path: path, sha256: try FileDigest.sha256(of: path))
    }

    /// Reads a checkpoint into the store.
    ///
    /// - Throws: `DistillationError` `checkpoint.damaged` where the digest differs,
    ///   `checkpoint.other_run` where it belongs to another recipe, list, teacher or thread count.
    package static func restore(
        _ path: String, sha256: String?, identity: String, threads: Int, into store: StateStore
    ) throws -> Checkpoint {
        if let sha256 {
            let found = try FileDigest.sha256(of: path)
            guard found == sha256 else {
                throw DistillationError(
                    "checkpoint.damaged",
                    "\(path) has digest \(found.prefix(12)), recorded was \(sha256.prefix(12))")
            }
        }
        let file = try SafeTensorsFile(URL(fileURLWithPath: path))
        guard let step = file.metadata["step"].flatMap({ Int($0) }) else {
            throw DistillationError("checkpoint.damaged", "\(path) has no step in its metadata")
        }
        let threadsThen = file.metadata["threads"].flatMap { Int($0) } ?? 0
        guard file.metadata["identity"] == identity, threadsThen == threads else {
            throw DistillationError(
                "checkpoint.other_run",
                "\(path) belongs to another recipe, sample list, teacher or thread count "
                    + "(\(threadsThen) threads then, \(threads) now)",
                hint: "enqueue the recipe as a new job")
        }
        // All is read before anything is written: a file that lacks a tensor leaves the store as it is.
        let tensors = try store.names.map { (name: $0, tensor: try file.floats($0)) }
        for (name, tensor) in tensors { try store.write(name, tensor) }
        let failed = (file.metadata["failed_samples"] ?? "").split(separator: ",")
            .compactMap { Int64($0) }
        return Checkpoint(step: step, identity: identity, threads: threads, failedSamples: failed)
    }
}

/// SHA-256 of files, read in pieces.
package enum FileDigest {
    package static func sha256(of path: String) throws -> String { try read(path).digest }

    /// The digest of what a file holds, links followed, and how many bytes that is: both of one reading.
    package static func read(_ path: String) throws -> (digest: String, bytes: Int64) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw DistillationError("file.missing", "\(path) cannot be read")
        }
        defer { try? file.close() }
        return try SHA256.hexadecimal(of: file)
    }

    package static func sha256(text: String) -> String { SHA256.hexadecimal(of: text) }
}
