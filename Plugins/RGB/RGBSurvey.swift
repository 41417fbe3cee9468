import CDistillPlugin
import PluginSupport

/// What a spread sample of colour pictures shows: brightness, and whether there is anything to see.
struct RGBSurvey {
    private var brightness = 0.0
    private var read = 0, constant = 0, dark = 0
    /// Pictures that EXIF says are to be turned, and those of them that keep their sides.
    private var turned = 0, halfTurned = 0

    /// - Throws: What is wrong with the last file, where none can be read.
    init(_ paths: [String]) throws {
        var failure: (any Error)?
        for path in paths {
            do {
                let file = try SampleFile(path: path)
                let picture = try RGBPictures.open(file)
                try add(RGBPictures.open(file).read(minimumShortSide: 64))
                if let orientation = (picture as? TurnedPicture)?.orientation {
                    turned += 1
                    halfTurned += orientation.swapsSides && picture.width != picture.height ? 0 : 1
                }
            } catch {
                failure = error
            }
        }
        if read == 0, let failure { throw failure }
    }

    private mutating func add(_ pixels: RGBPixels) {
        var plane = [Float](repeating: 0, count: pixels.height * pixels.width)
        var (sum, lowest, highest) = (0.0, Float.infinity, -Float.infinity)
        for channel in 0..<3 {
            plane.withUnsafeMutableBufferPointer {
                if let start = $0.baseAddress { pixels.fill(plane: channel, into: start) }
            }
            for value in plane {
                sum += Double(value)
                lowest = min(lowest, value)
                highest = max(highest, value)
            }
        }
        let mean = sum / Double(max(1, 3 * plane.count))
        brightness += mean
        read += 1
        if lowest == highest {
            constant += 1
        } else if mean < 0.02 {
            dark += 1
        }
    }

    var figures: [(name: String, unit: String, value: Double)] {
        let count = Double(max(1, read))
        var figures = [(name: "brightness", unit: "", value: brightness / count)]
        if turned > 0 {
            figures.append((name: "turned", unit: "share", value: Double(turned) / count))
        }
        return figures
    }

    var findings: [(code: String, message: String, hint: String)] {
        var findings: [(code: String, message: String, hint: String)] = []
        if 2 * constant > read {
            findings.append(
                (
                    "rgb.constant", "\(constant) of \(read) pictures hold one colour only",
                    "look at the files: a covered lens, or a placeholder"
                ))
        }
        if halfTurned > 0 {
            findings.append(
                (
                    "rgb.turned",
                    "\(halfTurned) of \(read) pictures are turned or mirrored as their EXIF orientation says, which "
                        + "their shape does not show",
                    "look whether they still meet the others with `distillctl datasets look`; if not, strip the "
                        + "orientation from the files or turn the others too"
                ))
        }
        if 2 * dark > read {
            findings.append(
                (
                    "rgb.dark", "\(dark) of \(read) pictures are nearly black",
                    "a teacher sees little in them: were they recorded without light?"
                ))
        }
        return findings
    }

    static let table = ConstantTable([
        distill_survey_extension(
            struct_size: UInt32(MemoryLayout<distill_survey_extension>.size),
            survey: { paths, count, options, survey, status in
                reporting(to: status) {
                    _ = try OptionReader(options, known: [:])
                    let found = try RGBSurvey(PluginCalls.paths(paths, count: count))
                    try PluginCalls.fill(survey, figures: found.figures, findings: found.findings)
                }
            })
    ])
}
