package import Batching
import Dispatch
package import Evaluation
import Execution
import Foundation
import Graphs
import Synchronization
import Tensors

/// What a model says of many samples: one row a sample.
package struct ModelAnswers {
    /// The samples that could be read, in the rows' order.
    package let samples: [Sample]
    /// nil without a head.
    package let logits: FeatureMatrix?
    /// The mean of the last feature map.
    package let pooled: FeatureMatrix

    /// - Shapes: logits `[samples, classes]`, pooled `[samples, channels]`.
    package init(samples: [Sample], logits: FeatureMatrix?, pooled: FeatureMatrix) {
        self.samples = samples
        self.logits = logits
        self.pooled = pooled
    }

    /// The answers to the samples of these rows, in this order.
    package func selecting(_ rows: [Int]) -> ModelAnswers {
        ModelAnswers(
            samples: rows.map { samples[$0] }, logits: logits?.selecting(rows),
            pooled: pooled.selecting(rows))
    }

    /// The rows of samples that another model has answered to as well, and that model's rows.
    package func common(with other: ModelAnswers) -> (own: [Int], other: [Int]) {
        let places = Dictionary(
            other.samples.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let own = samples.indices.filter { places[samples[$0].id] != nil }
        return (own, own.compactMap { places[samples[$0].id] })
    }

    /// Runs a model over frames as they are, or over another view of them.
    ///
    /// - Parameters:
    ///   - pictures: how frames of another modality become the model's input; nil: they are of its own.
    ///   - view: which view of each frame.
    ///   - failed: told of each sample that cannot be read; it gets no row.
    ///   - progress: told after each batch how many samples are done; what it throws ends the work.
    package static func of(
        _ model: LoadedModel, on samples: [Sample], views: ViewCache, pictures: GreyPictures? = nil,
        view: UInt32 = RecordKey.wholeFrame, threads: Int,
        failed: (SampleError) -> Void, progress: (Int) throws -> Void = { _ in }
    ) throws -> ModelAnswers {
        let batch = min(64, max(1, samples.count))
        let graph = try model.inferenceGraph(batch: batch, size: views.size)
        let store = StateStore()
        try model.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(
            graph, store: store,
            options: PlanOptions(
                threads: threads, label: "evaluate \(model.document.name)", inference: true))
        return try run(
            plan, graph, input: model.document.modality, batch: batch, on: samples, views: views,
            pictures: pictures, view: view, failed: failed, progress: progress)
    }

    private static func run(
        _ plan: Plan, _ graph: Graph, input: String, batch: Int, on samples: [Sample],
        views: ViewCache, pictures: GreyPictures?, view: UInt32, failed: (SampleError) -> Void,
        progress: (Int) throws -> Void
    ) throws -> ModelAnswers {
        let hasLogits = graph.outputs.contains { $0.name == "logits" }
        let count = views.valueCount
        var images = [Float](repeating: 0, count: batch * count)
        let area = views.size * views.size
        let pictureCount = (pictures?.channels ?? 0) * area
        var shown = [Float](repeating: 0, count: batch * pictureCount)
        var read: [Sample] = []
        var logits: [Float] = []
        var pooled: [Float] = []
        // Grown arrays would hold twice what is read.
        for (name, value) in graph.outputs {
            let columns = graph.shape(of: value).count / batch
            if name == "logits" { logits.reserveCapacity(samples.count * columns) }
            if name == "pooled" { pooled.reserveCapacity(samples.count * columns) }
        }
        var pending = 0
        func flush() throws {
            guard pending > 0 else { return }
            if let pictures {
                images.withUnsafeBufferPointer { images in
                    shown.withUnsafeMutableBufferPointer { shown in
                        for place in 0..<pending {
                            let picture = shown[
                                (place * pictureCount)..<((place + 1) * pictureCount)]
                            let frame = images[(place * count)..<((place + 1) * count)]
                            pictures.fill(
                                UnsafeMutableBufferPointer(rebasing: picture),
                                with: UnsafeBufferPointer(rebasing: frame), area: area)
                        }
                    }
                }
                try shown.withUnsafeBufferPointer { try plan.feed(input, values: $0) }
            } else {
                try images.withUnsafeBufferPointer { try plan.feed(input, values: $0) }
            }
            try plan.run()
            if hasLogits {
                try plan.withOutput("logits") { logits += $0.prefix($0.count / batch * pending) }
            }
            try plan.withOutput("pooled") { pooled += $0.prefix($0.count / batch * pending) }
            pending = 0
        }
        // All cores decode what one batch needs; the rows keep the samples' order.
        for start in stride(from: 0, to: samples.count, by: batch) {
            let group = samples[start..<min(start + batch, samples.count)]
            let errors = try images.withUnsafeMutableBufferPointer {
                try load(Array(group), views, view, into: $0)
            }
            for (place, sample) in group.enumerated() {
                if let error = errors[place] {
                    failed(error)
                    continue
                }
                // Where one before it could not be read the image moves up.
                if place != pending {
                    for value in 0..<count {
                        images[pending * count + value] = images[place * count + value]
                    }
                }
                read.append(sample)
                pending += 1
            }
            try flush()
            try progress(start + group.count)
        }
        guard !read.isEmpty else {
            throw DistillationError(
                "dataset.all_unreadable",
                "none of the \(samples.count) samples to evaluate on can be read",
                hint: "`distillctl samples list --state quarantined` gives the reasons")
        }
        return ModelAnswers(
            samples: read,
            logits: hasLogits
                ? FeatureMatrix(
                    rows: read.count, columns: logits.count / read.count, values: logits) : nil,
            pooled: FeatureMatrix(
                rows: read.count, columns: pooled.count / read.count, values: pooled))
    }

    /// Decodes samples side by side.
    ///
    /// - Returns: by place, why a sample could not be read.
    /// - Throws: what is no fault of a sample, such as a full disk.
    private static func load(
        _ samples: [Sample], _ views: ViewCache, _ view: UInt32,
        into images: UnsafeMutableBufferPointer<Float>
    ) throws -> [Int: SampleError] {
        // Each place has memory of its own.
        nonisolated(unsafe) let images = images
        let count = views.valueCount
        let failures = Mutex<[Int: any Error]>([:])
        DispatchQueue.concurrentPerform(iterations: samples.count) { place in
            do {
                try views.load(
                    samples[place], view: view,
                    into: UnsafeMutableBufferPointer(
                        rebasing: images[(place * count)..<((place + 1) * count)]))
            } catch {
                failures.withLock { $0[place] = error }
            }
        }
        var unreadable: [Int: SampleError] = [:]
        for (place, error) in failures.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            guard let error = error as? SampleError else { throw error }
            unreadable[place] = error
        }
        return unreadable
    }
}
