import Batching
import Execution
import Foundation

/// What bytes are worth in a teacher that computes in int8, and how far its answers are from those in float32.
struct TeacherCalibration: Codable {
    var quantization: Quantization
    /// Images whose ranges were taken.
    var calibrated: Int
    /// Images on which agreement was measured, and whether others than those were.
    var compared: Int
    var heldOut: Bool
    /// The share of images to which both give the same class; nil for a teacher without a classifier.
    var agreement: Double?
    /// For each tap the mean over the images of the cosine between both answers, less the mean answer.
    var cosines: [String: Double]
    /// What it was made for: a calibration for anything else is not used.
    var key: [String: String]

    private enum CodingKeys: String, CodingKey {
        case quantization, calibrated, compared, agreement, cosines, key
        case heldOut = "held_out"
    }

    /// The least of the taps' cosines.
    var leastCosine: Double { cosines.values.min() ?? 1 }

    /// What below which a run warns.
    static let expectedAgreement = 0.98

    /// Reads a calibration; nil where there is none for the key.
    static func read(_ path: String, key: [String: String]) -> TeacherCalibration? {
        guard let data = FileManager.default.contents(atPath: path),
            let found = try? JSONDecoder().decode(TeacherCalibration.self, from: data),
            found.key == key,
            found.quantization.limits.values.allSatisfy({ $0.isFinite && $0 > 0 })
        else { return nil }
        return found
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}

/// How fast a teacher in int8 is beside the precision it would have by default, measured in this very run.
struct TeacherSpeed {
    var imagesPerSecond: Double
    /// The precision it would have without being asked for int8, and its speed.
    var other: Precision
    var otherImagesPerSecond: Double

    var ratio: Double { imagesPerSecond / otherImagesPerSecond }
}

/// What a run in int8 says about its teacher.
struct QuantizedTeacher {
    let calibration: TeacherCalibration
    let speed: TeacherSpeed

    /// By names for logs of metrics and for `show`.
    var metrics: [String: Double] {
        var metrics = [
            "teacher_int8_images_per_second": speed.imagesPerSecond,
            "teacher_int8_speedup": speed.ratio,
        ]
        metrics["teacher_int8_agreement"] = calibration.agreement
        for (tap, cosine) in calibration.cosines {
            metrics["teacher_int8_cosine.\(tap)"] = cosine
        }
        return metrics
    }

    /// One line for people.
    var summary: String {
        func decimal(_ value: Double, _ places: Int) -> String {
            String(format: "%.\(places)f", value)
        }
        let images =
            "\(calibration.compared) \(calibration.heldOut ? "held-out" : "calibration") images"
        var parts: [String] = []
        if let agreement = calibration.agreement {
            parts.append(
                "the same class as float32 on \(decimal(100 * agreement, 1)) % of \(images)")
        }
        let cosines = calibration.cosines.sorted { $0.key < $1.key }
            .map { "\($0.key) \(decimal($0.value, 4))" }
        parts.append("centred cosine \(cosines.joined(separator: ", "))")
        parts.append(
            "\(decimal(speed.imagesPerSecond, 1)) images a second, \(decimal(speed.ratio, 2)) times "
                + "\(speed.other.rawValue)")
        return "teacher in int8: " + parts.joined(separator: "; ")
    }

    /// What to tell where its answers are too far off, nil where they are not.
    var warning: String? {
        let expected = TeacherCalibration.expectedAgreement
        let cosine = calibration.heldOut ? calibration.leastCosine : 1
        let agreement = calibration.agreement ?? 1
        guard min(cosine, agreement) < expected else { return nil }
        let (what, found) = agreement < expected ? ("agreement", agreement) : ("cosine", cosine)
        return
            "the teacher in int8 has \(what) \(String(format: "%.3f", found)) with float32, below "
            + "\(expected); write [teacher] precision = \"automatic\" if the student falls behind"
    }
}
