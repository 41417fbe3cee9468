import Batching
package import Configuration
package import Execution
import Foundation
import Graphs
import Modalities

/// Makes the frozen teacher of a run in the precision that its recipe asks for, calibrated where that is int8.
package struct TeacherSetup {
    let request: RunRequest
    let model: LoadedModel
    let taps: Set<String>
    /// For each tap the largest of the student's maps that it is compared with.
    let grids: [String: (height: Int, width: Int)]
    let views: ViewCache
    let samples: [Sample]
    /// Told how far a calibration is.
    let observer: (any RunObserver)?

    /// What this processor computes a recipe's teacher in.
    ///
    /// - Throws: `DistillationError` where int8 is asked for and the processor cannot.
    package static func precision(
        of recipe: Recipe, hasInt8: Bool = Processor.hasInt8
    ) throws -> Precision {
        switch recipe.teacher?.precision ?? .automatic {
        case .automatic: return RunSetup.precision(of: recipe)
        case .float32: return .float32
        case .bfloat16: return Processor.hasBFloat16 ? .bfloat16 : .float32
        case .int8:
            guard hasInt8 else {
                throw DistillationError(
                    "teacher.no_int8",
                    "[teacher] precision = \"int8\" needs a processor with AVX512-VNNI, this one has "
                        + Processor.features.joined(separator: " "),
                    hint: "write precision = \"automatic\"")
            }
            return .int8
        }
    }

    func network() throws -> (TeacherNetwork, QuantizedTeacher?) {
        let graph = try TeacherGraph(model, taps: taps, grids: grids)
        let precision = try TeacherSetup.precision(of: request.recipe)
        guard precision == .int8 else {
            return (
                try TeacherNetwork(model, graph, threads: request.threads, precision: precision),
                nil
            )
        }
        let calibrator = try TeacherCalibrator(
            model, taps: taps, grids: grids, views: views, samples: samples,
            threads: request.threads)
        let calibration = try calibration(calibrator, graph)
        let network = try TeacherNetwork(
            model, graph, threads: request.threads, precision: .int8,
            quantization: calibration.quantization)
        let speed = try calibrator.speed(
            calibration.quantization, automatic: RunSetup.precision(of: request.recipe))
        return (network, QuantizedTeacher(calibration: calibration, speed: speed))
    }

    /// The run's own calibration, so that a resumed run computes what it did; else that of an earlier job on the same
    /// data set, so that both share the teacher's answers; else a new one.
    private func calibration(
        _ calibrator: TeacherCalibrator, _ graph: TeacherGraph
    ) throws -> TeacherCalibration {
        var key = TeacherNetwork.identity(of: model, graph)
        key["quantization"] = "\(Quantization.version)"
        key["taps"] = graph.fields.map(\.name).joined(separator: " ")
        key["images"] = calibrator.imageIdentity
        key["views"] = views.views.identity
        key["options"] = request.manifest.identity(of: model.document.modality)
        let digest = FileDigest.sha256(
            text: key.sorted { $0.key < $1.key }.map { "\($0.key)\u{0}\($0.value)" }
                .joined(separator: "\u{0}"))
        let folder = request.cacheFolder + "/calibrations"
        let own = request.runFolder + "/teacher-calibration.json"
        let shared = folder + "/\(digest.prefix(24)).json"
        if let known = TeacherCalibration.read(own, key: key) { return known }
        let known = TeacherCalibration.read(shared, key: key)
        let calibration = try known ?? calibrate(calibrator, key: key)
        if known == nil {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw FileFailure.classify(error, path: folder, doing: "creating")
            }
            try calibration.write(to: shared)
        }
        try calibration.write(to: own)
        return calibration
    }

    private func calibrate(
        _ calibrator: TeacherCalibrator, key: [String: String]
    ) throws -> TeacherCalibration {
        guard let observer else { return try calibrator.calibrate(key: key) }
        observer.entered(phase: "calibrating")
        let images = calibrator.imageCount
        var progress = PassProgress(
            observer, samples: images, epochs: request.recipe.training.epochs)
        let calibration = try calibrator.calibrate(key: key) { done in
            // What is complete is kept.
            if !progress.goesOn(done), done < images { throw RunStopped() }
        }
        observer.entered(phase: "preparing")
        return calibration
    }
}
