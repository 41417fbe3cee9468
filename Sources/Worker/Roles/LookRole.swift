import Batching
import Configuration
import ControlProtocol
import Distillation
import Execution
import Foundation
import Graphs
import Modalities
import Networks
import Tensors

/// Draws pairs as teacher and student see them: pictures, overlay, the cut view, its encoding, scale, histogram.
struct LookRole {
    let assignment: LookAssignment
    let channel: WorkerChannel

    init(_ assignment: LookAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    /// A decoded file.
    private struct Picture {
        var plugin: ModalityPlugin
        var sample: DecodedSample
        var figures: LookReply.Picture
        /// Sorted: the readings of a picture with one channel.
        var readings: [Float]
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let manifest = try ManifestOptions(manifest: assignment.manifest)
        let student = try host.plugin(modality: assignment.modality)
        let encoding = try student.encoding(named: assignment.encoding)
        let encoder = try Encoder(
            student,
            encoding: .init(encoding, of: student, camera: manifest.manifest.intrinsics),
            size: assignment.size)
        var rows: [PairSheet.Row] = []
        var pairs: [LookReply.Pair] = []
        for pair in assignment.pairs {
            if channel.shouldStop { return .stopped }
            var figures: [LookReply.Picture] = []
            var pictures: [String: Picture] = [:]
            for modality in pair.files.keys.sorted() {
                do {
                    let picture = try read(pair, modality, host, manifest)
                    pictures[modality] = picture
                    figures.append(picture.figures)
                } catch let error as PluginError {
                    figures.append(LookReply.Picture(modality: modality, error: error.message))
                }
            }
            var valid = 0.0
            if let picture = pictures[assignment.modality] {
                let view = try view(picture, size: assignment.size)
                valid = Double(view.count { $0 != 0 }) / Double(max(1, view.count))
                let encoded = try encoder.encode(view)
                rows.append(
                    row(pair.key, pictures, view: view, encoded: encoded, encoding: encoding))
            }
            pairs.append(LookReply.Pair(key: pair.key, pictures: figures, viewValid: valid))
        }
        if let file = assignment.to {
            guard !rows.isEmpty else {
                throw DistillationError(
                    "dataset.all_unreadable", "none of the \(pairs.count) pairs could be read",
                    hint: pairs.first?.pictures.compactMap(\.error).first ?? "")
            }
            try PairSheet(rows: rows).drawn().write(to: file)
        }
        return .finished(
            try JSONValue(
                encoding: LookReply(
                    pairs: pairs, encoding: encoding.name, size: assignment.size,
                    file: assignment.to)))
    }

    private func read(
        _ pair: LookAssignment.Pair, _ modality: String, _ host: PluginHost,
        _ manifest: ManifestOptions
    ) throws -> Picture {
        let plugin = try host.plugin(modality: modality)
        let options = manifest.options(for: modality)
        let file = pair.files[modality] ?? ""
        let path = file.hasPrefix("/") ? file : assignment.root + "/" + file
        let header = try plugin.inspect(path: path, options: options)
        let side = max(PairSheet.panelHeight, assignment.size)
        let sample = try plugin.decode(path: path, options: options, minimumShortSide: side)
        let readings =
            plugin.channels == 1 ? sample.values.filter { $0 != 0 && $0.isFinite }.sorted() : []
        func quantile(_ q: Double) -> Double {
            readings.isEmpty ? 0 : Double(readings[Int(q * Double(readings.count - 1))])
        }
        let area = sample.height * sample.width
        let share =
            plugin.channels == 1 ? Double(readings.count) / Double(max(1, area)) : 1
        return Picture(
            plugin: plugin, sample: sample,
            figures: LookReply.Picture(
                modality: modality, width: header.width, height: header.height, unit: plugin.unit,
                valid: share, low: quantile(0.05), median: quantile(0.5), high: quantile(0.95)),
            readings: readings)
    }

    private func view(_ picture: Picture, size: Int) throws -> [Float] {
        var values = [Float](repeating: 0, count: picture.plugin.channels * size * size)
        try values.withUnsafeMutableBufferPointer {
            try picture.plugin.view(
                picture.sample, view: .full, height: size, width: size, into: $0)
        }
        return values
    }

    /// The panels of one pair: what the others show, what the student's modality shows, then what the student gets.
    private func row(
        _ key: String, _ pictures: [String: Picture], view: [Float], encoded: [Float],
        encoding: PluginEncoding
    ) -> PairSheet.Row {
        var panels: [Panel] = []
        var overlay: (below: Int, above: Int)?
        var readings: [Float] = []
        var range: ClosedRange<Float> = 0...1
        let others = pictures.keys.filter { $0 != assignment.modality }.sorted()
        for modality in others + [assignment.modality] {
            guard let picture = pictures[modality] else { continue }
            let isStudent = modality == assignment.modality
            let own = Self.range(of: picture.readings)
            if isStudent, picture.plugin.channels == 1 {
                readings = picture.readings
                range = own
                if let below = panels.indices.first { overlay = (below, panels.count) }
            }
            panels.append(
                Panel(
                    title: modality, channels: picture.plugin.channels,
                    height: picture.sample.height, width: picture.sample.width,
                    values: picture.sample.values,
                    range: picture.plugin.channels == 1 ? own : 0...1,
                    hasHoles: picture.plugin.channels == 1))
        }
        let size = assignment.size
        let channels = pictures[assignment.modality]?.plugin.channels ?? 1
        panels.append(
            Panel(
                title: "view \(size)x\(size)", channels: channels, height: size, width: size,
                values: view, range: channels == 1 ? range : 0...1, hasHoles: channels == 1))
        let ends = Self.ends(of: encoded)
        // Three channels are one picture's colours, and each is one of its own besides.
        let groups =
            (encoding.channels == 3 ? [0..<3] : []) + (0..<encoding.channels).map { $0..<$0 + 1 }
        for group in groups {
            let values = encoded[group.lowerBound * size * size..<group.upperBound * size * size]
            panels.append(
                Panel(
                    title: group.count > 1 ? encoding.name : "channel \(group.lowerBound)",
                    channels: group.count, height: size, width: size, values: Array(values),
                    range: ends, hasHoles: false))
        }
        return PairSheet.Row(
            key: key, panels: panels, overlay: overlay, readings: readings, range: range,
            unit: pictures[assignment.modality]?.plugin.unit ?? "")
    }

    /// From near to far without the outermost hundredths.
    private static func range(of readings: [Float]) -> ClosedRange<Float> {
        guard let first = readings.first, let last = readings.last else { return 0...1 }
        let low = readings[readings.count / 100]
        let high = readings[readings.count - 1 - readings.count / 100]
        return low < high ? low...high : first < last ? first...last : first...(first + 1)
    }

    private static func ends(of values: [Float]) -> ClosedRange<Float> {
        let most = values.lazy.filter(\.isFinite).map(abs).max() ?? 1
        return -max(most, 1e-6)...max(most, 1e-6)
    }

    /// The student's encoding as a plan of its own.
    private struct Encoder {
        let plan: Plan
        let name: String

        init(_ plugin: ModalityPlugin, encoding: NetworkDescriptor.Encoding, size: Int) throws {
            var graph = Graph()
            name = plugin.modality
            let input = try graph.input(name, [1, plugin.channels, size, size])
            let output = try graph.encode(input, with: plugin, encoding: encoding)
            graph.output("encoded", output)
            plan = try CPUExecutor().compile(
                graph, store: StateStore(),
                options: PlanOptions(threads: 1, label: "look", inference: true))
        }

        func encode(_ view: [Float]) throws -> [Float] {
            try view.withUnsafeBufferPointer { try plan.feed(name, values: $0) }
            try plan.run()
            return try plan.read("encoded").values
        }
    }
}
