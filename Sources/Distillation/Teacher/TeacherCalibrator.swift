import Batching
import Execution
import Foundation
import Graphs
import Tensors

/// Calibrates a teacher for int8 on a data set's own images and measures what that costs and gains.
///
/// Which images are looked at follows from their content alone, so that jobs with other seeds come to the same
/// ranges and share the teacher's answers.
struct TeacherCalibrator {
    /// Images whose ranges are taken, and images on which answers are compared, at most.
    private static let greatestCount = 256
    /// Multiply-adds in float32 for either, above which fewer images have to do: some tens of seconds on two cores.
    private static let greatestWork = 3_000_000_000_000
    /// Runs of one batch that are timed, fewer where they are long.
    private static let timings = 5

    private let model: LoadedModel
    private let graph: TeacherGraph
    private let views: ViewCache
    private let samples: [Sample]
    private let threads: Int
    /// Images for either purpose. Depends on the network alone.
    private let count: Int

    /// - Parameters:
    ///   - taps: what the run asks the teacher; its logits are compared as well, where it has any.
    ///   - samples: the run's.
    init(
        _ model: LoadedModel, taps: Set<String>, grids: [String: (height: Int, width: Int)],
        views: ViewCache, samples: [Sample], threads: Int
    ) throws {
        self.model = model
        self.views = views
        self.threads = threads
        let asked = model.document.classes.isEmpty ? taps : taps.union(["logits"])
        graph = try TeacherGraph(model, taps: asked, grids: grids)
        let work = max(1, graph.graph.multiplyAdds / TeacherGraph.batch)
        count = min(
            TeacherCalibrator.greatestCount,
            max(TeacherGraph.batch, TeacherCalibrator.greatestWork / work))
        let modality = model.document.modality
        var seen: Set<ContentDigest> = []
        self.samples = samples.filter { sample in
            sample.files[modality].map { seen.insert($0.digest).inserted } ?? false
        }.sorted { left, right in
            guard let a = left.files[modality]?.digest.words,
                let b = right.files[modality]?.digest.words
            else { return left.id < right.id }
            return a < b
        }
    }

    /// Images whose ranges are taken, where all can be read.
    private var half: Int { min(count, (samples.count + 1) / 2) }

    /// Images that a calibration looks at, where all can be read.
    var imageCount: Int { min(samples.count, half + count) }

    /// What the images are that ranges and comparison come from.
    var imageIdentity: String {
        let modality = model.document.modality
        let digests = samples.prefix(2 * count).compactMap { $0.files[modality]?.digest.words }
        return FileDigest.sha256(text: "\(count) \(digests)")
    }

    /// Takes ranges in float32 on one half of the images, and compares answers on the other.
    ///
    /// - Parameter passed: called with the images that were looked at, after each batch; ends it by throwing.
    /// - Throws: `DistillationError` where no image can be read, `ExecutionError` where the teacher holds values that
    ///   are no numbers, and what `passed` throws.
    func calibrate(
        key: [String: String], passed: (Int) throws -> Void = { _ in }
    ) throws -> TeacherCalibration {
        var images = ImageSource(samples, views)
        let store = StateStore()
        try model.load(into: store, for: graph.graph)
        let calibrator = try Calibrator(
            graph.graph, store: store, options: PlanOptions(threads: threads, label: "calibration"))
        var comparison = AnswerComparison(
            fields: graph.fields.map(\.count),
            logits: graph.fields.firstIndex { $0.name == "logits" })
        var calibrated = 0
        var last: [Float] = []
        while calibrated < half,
            let group = images.next(atMost: min(TeacherGraph.batch, half - calibrated))
        {
            comparison.centre(on: try answers(calibrator.plan, to: group))
            try calibrator.observe()
            calibrated += group.count / graph.imageCount
            last = group
            try passed(calibrated)
        }
        guard calibrated > 0 else {
            throw DistillationError(
                "dataset.all_unreadable",
                "none of the \(samples.count) images to calibrate the teacher on can be read",
                hint: "`distillctl samples list --state quarantined` gives the reasons")
        }
        let quantization = try calibrator.quantization()
        let network = try TeacherNetwork(
            model, graph, threads: threads, precision: .int8, quantization: quantization)
        func compare(_ group: [Float]) throws {
            let found = try group.withUnsafeBufferPointer { try network.answer($0) }
            comparison.compare(found, with: try answers(calibrator.plan, to: group))
        }
        while comparison.count < count,
            let group = images.next(atMost: min(TeacherGraph.batch, count - comparison.count))
        {
            try compare(group)
            try passed(calibrated + comparison.count)
        }
        let heldOut = comparison.count > 0
        if !heldOut { try compare(last) }
        return TeacherCalibration(
            quantization: quantization, calibrated: calibrated, compared: comparison.count,
            heldOut: heldOut, agreement: comparison.agreement,
            cosines: Dictionary(
                uniqueKeysWithValues: zip(graph.fields.map(\.name), comparison.meanCosines)),
            key: key)
    }

    /// What a plan in float32 answers to a group, which is repeated where it does not fill the batch: nothing but
    /// images of the data set is to be observed.
    private func answers(_ plan: Plan, to group: [Float]) throws -> [[Float]] {
        let whole = TeacherGraph.batch * graph.imageCount
        var padded = group
        while padded.count < whole { padded += group.prefix(whole - padded.count) }
        try padded.withUnsafeBufferPointer { try plan.feed(TeacherGraph.image, values: $0) }
        try plan.run()
        let count = group.count / graph.imageCount
        return try graph.fields.map { field in
            try plan.withOutput(TeacherGraph.output(field.name)) {
                Array($0.prefix(count * field.count))
            }
        }
    }

    /// Times a few batches in int8 and in the precision the teacher would have without being asked.
    func speed(_ quantization: Quantization, automatic: Precision) throws -> TeacherSpeed {
        var images = ImageSource(samples, views)
        guard let group = images.next(atMost: TeacherGraph.batch) else {
            throw DistillationError("dataset.all_unreadable", "no image to time the teacher on")
        }
        let networks = [
            try TeacherNetwork(
                model, graph, threads: threads, precision: .int8, quantization: quantization),
            try TeacherNetwork(model, graph, threads: threads, precision: automatic),
        ]
        for network in networks { _ = try group.withUnsafeBufferPointer { try network.answer($0) } }
        let clock = ContinuousClock()
        var seconds: [[Double]] = [[], []]
        let work = max(1, 2 * graph.graph.multiplyAdds)
        let timings = min(
            TeacherCalibrator.timings, max(1, TeacherCalibrator.greatestWork / work))
        for _ in 0..<timings {
            for (index, network) in networks.enumerated() {
                let began = clock.now
                try network.repeatAnswer()
                seconds[index].append((clock.now - began) / .seconds(1))
            }
        }
        let rates = seconds.map {
            Double(TeacherGraph.batch) / $0.sorted()[timings / 2]
        }
        return TeacherSpeed(
            imagesPerSecond: rates[0], other: automatic, otherImagesPerSecond: rates[1])
    }
}

/// The first view of sample after sample, as a teacher sees it.
private struct ImageSource {
    private var samples: ArraySlice<Sample>
    private let views: ViewCache

    init(_ samples: [Sample], _ views: ViewCache) {
        self.samples = samples[...]
        self.views = views
    }

    /// The next images, nil after the last. What cannot be read is left out; whoever needs it will say so.
    mutating func next(atMost count: Int) -> [Float]? {
        var images: [Float] = []
        var image = [Float](repeating: 0, count: views.valueCount)
        while images.count < count * views.valueCount, let sample = samples.popFirst() {
            do {
                try views.decode(sample, views: [0]) { _, record in
                    image.withUnsafeMutableBufferPointer {
                        views.precision.decode(record, into: $0)
                    }
                }
            } catch { continue }
            images += image
        }
        return images.isEmpty ? nil : images
    }
}
