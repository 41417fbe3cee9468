import Batching
import Configuration
import Execution
package import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Objectives
import Tensors

/// What a run on labels would see, written down: for whoever trains another program on the very same.
///
/// Files in a folder, little-endian, rows one behind the other: `inputs.f32` `[steps * batch, channels, size, size]`
/// in physical units in the order of the steps, noise included; `labels.i32` `[steps * batch]`; `test.f32` and
/// `test-labels.i32`, the whole frames of the labelled test split; `initial.safetensors`, the student's weights before
/// the first step; `record.json` with the figures.
package struct BatchRecord: Codable, Sendable {
    package let steps: Int
    package let batch: Int
    package let channels: Int
    package let size: Int
    package let tests: Int
    package let classes: [String]

    /// - Throws: `DistillationError` for a run with a teacher, and what reading and writing throw.
    package static func write(_ request: RunRequest, to folder: URL) throws -> BatchRecord {
        let setup = try RunSetup(request)
        guard setup.teacher == nil, setup.requirements.labels else {
            throw DistillationError(
                "record.kind",
                "batches are recorded of runs that learn from labels, kind = \"train\"")
        }
        let loader = BatchLoader(setup, failures: FailedSamples())
        let steps = loader.schedule.stepsPerEpoch * setup.recipe.training.epochs
        let inputs = try RowFile(folder.appending(path: "inputs.f32"))
        let labels = try RowFile(folder.appending(path: "labels.i32"))
        for step in 0..<steps {
            let batch = try loader.batch(step)
            try inputs.append(batch.inputs)
            try labels.append(
                numbers(of: batch.labels, classes: setup.descriptor.classes.count))
            loader.recycle(consume batch)
        }
        let tests = try writeTests(setup, to: folder)
        let store = StateStore()
        let graph = try setup.trainingGraph().graph
        try store.declare(statesOf: graph, seed: UInt64(setup.recipe.training.seed))
        var initial: [String: Tensor<Float>] = [:]
        for state in graph.states
        where state.declaration.role == .parameter || state.declaration.role == .statistic {
            initial[state.declaration.name] = try store.read(state.declaration.name)
        }
        try SafeTensorsWriter.write(
            initial, metadata: [:], to: folder.appending(path: "initial.safetensors"))
        let record = BatchRecord(
            steps: steps, batch: loader.schedule.batch, channels: setup.plugin.channels,
            size: setup.recipe.student.size, tests: tests, classes: setup.descriptor.classes)
        try JSONEncoder().encode(record).write(to: folder.appending(path: "record.json"))
        return record
    }

    private static func writeTests(_ setup: RunSetup, to folder: URL) throws -> Int {
        let classes = Dictionary(
            uniqueKeysWithValues: setup.descriptor.classes.enumerated().map { ($1, Int32($0)) })
        let samples = try SampleSelection(
            setup.request.samples,
            .init(split: "test", modalities: [setup.plugin.modality], labelled: true)
        ).samples
        let frames = try RowFile(folder.appending(path: "test.f32"))
        let labels = try RowFile(folder.appending(path: "test-labels.i32"))
        var values = [Float](repeating: 0, count: setup.views.valueCount)
        for sample in samples {
            try values.withUnsafeMutableBufferPointer {
                try setup.views.load(sample, view: RecordKey.wholeFrame, into: $0)
            }
            try frames.append(values)
            try labels.append([sample.label.flatMap { classes[$0] } ?? -1])
        }
        return samples.count
    }

    /// The numbers of one-hot labels `[batch, classes]`.
    private static func numbers(of labels: [Float], classes: Int) -> [Int32] {
        stride(from: 0, to: labels.count, by: classes).map { row in
            Int32(labels[row..<(row + classes)].firstIndex(of: 1).map { $0 - row } ?? -1)
        }
    }
}

/// A file that grows by rows of numbers.
private struct RowFile {
    private let handle: FileHandle

    init(_ url: URL) throws {
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw DistillationError("file.write", "\(url.path) cannot be written")
        }
        handle = try FileHandle(forWritingTo: url)
    }

    func append<Number>(_ values: [Number]) throws {
        try handle.write(contentsOf: values.withUnsafeBytes { Data($0) })
    }
}
