/// Something in the stored numbers that does not fit what `[depth]` says of them.
struct DepthFinding {
    let code: String
    let message: String
    let hint: String

    /// What makes distances of the stored numbers impossible, so that no unit is right.
    private static let causes: [@Sendable (DepthSurvey) -> DepthFinding?] = [
        swappedBytes, rotatedBits, stretchedBits, rawDisparity, notDistance, normalised,
    ]

    /// Every kind of finding; each says nil where there is nothing to say.
    static let kinds: [@Sendable (DepthSurvey) -> DepthFinding?] =
        [nothing, emptyFiles, scaleAboveOne] + causes
        + [noReading, few, median, far, assumedScale, wholeArrays, eightBits]

    @Sendable private static func nothing(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.valid == 0 else { return nil }
        guard let median = DepthSurvey.quantile(0.5, of: survey.stored) else {
            return DepthFinding(
                code: "depth.empty",
                message: "no pixel of \(survey.files.count) files holds a depth: all are 0",
                hint: "look at the files: the sensor may not have been running")
        }
        return DepthFinding(
            code: "depth.empty",
            message:
                "no pixel of \(survey.files.count) files holds a valid depth: the stored numbers' median is "
                + "\(text(median)), \(text(median * survey.scale)) m, all beyond `maximum`",
            hint: suggestion(survey, median))
    }

    @Sendable private static func emptyFiles(_ survey: DepthSurvey) -> DepthFinding? {
        let empty = survey.files.count { $0.valid == 0 }
        guard survey.valid > 0, empty > 0, 20 * empty >= survey.files.count else { return nil }
        return DepthFinding(
            code: "depth.empty_files",
            message: "\(empty) of \(survey.files.count) files hold no valid depth at all",
            hint:
                "the sensor may not have been running yet: remove these pairs, or mark them `guard` in the labels "
                + "file's split column")
    }

    @Sendable private static func scaleAboveOne(_ survey: DepthSurvey) -> DepthFinding? {
        guard let scale = survey.options.givenScale, scale > 1 else { return nil }
        return DepthFinding(
            code: "depth.scale",
            message: "`scale` is \(text(scale)): a unit would be \(text(scale)) m",
            hint:
                "`scale` is metres a unit; for \(text(scale)) units a metre write `units_per_metre = \(text(scale))`"
        )
    }

    @Sendable private static func swappedBytes(_ survey: DepthSurvey) -> DepthFinding? {
        let neighbours = survey.files.reduce(0) { $0 + $1.neighbours }
        let smooth = survey.files.reduce(0) { $0 + $1.smooth }
        let swapped = survey.files.reduce(0) { $0 + $1.smoothSwapped }
        guard neighbours >= 256, swapped > neighbours / 2, swapped > 2 * smooth else { return nil }
        return DepthFinding(
            code: "depth.byte_order",
            message:
                "low and high bytes look swapped: \(percent(smooth, neighbours)) of neighbouring pixels lie within "
                + "5 %, with swapped bytes \(percent(swapped, neighbours))",
            hint: survey.options.swapsBytes
                ? "remove `byte_order = \"little\"`" : "set `byte_order = \"little\"`")
    }

    @Sendable private static func rotatedBits(_ survey: DepthSurvey) -> DepthFinding? {
        let present = survey.files.reduce(0) { $0 + (($1.isWhole) ? $1.present : 0) }
        let divisible = survey.files.reduce(0) { $0 + $1.divisibleBy8 }
        guard present >= 64, survey.options.bitRotation == 0, divisible >= present - present / 100,
            stretchedBits(survey) == nil
        else { return nil }
        return DepthFinding(
            code: "depth.bit_rotation",
            message:
                "nearly all stored numbers are divisible by 8, as in SUN RGB-D, which rotates bits by three",
            hint: "if they come from there write `preset = \"sun\"`, or `bit_rotation = 3`")
    }

    @Sendable private static func stretchedBits(_ survey: DepthSurvey) -> DepthFinding? {
        let present = survey.files.reduce(0) {
            $0 + (($1.isWhole && $1.bitDepth > 8) ? $1.present : 0)
        }
        let stretched = survey.files.reduce(0) { $0 + $1.stretched }
        guard present >= 64, stretched >= present - present / 100 else { return nil }
        return DepthFinding(
            code: "depth.stretched",
            message:
                "all stored numbers are multiples of 256 or 257: eight bits stretched to sixteen, a picture of "
                + "depth rather than depth",
            hint: "export the sensor's own 16-bit values")
    }

    @Sendable private static func rawDisparity(_ survey: DepthSurvey) -> DepthFinding? {
        let raw = survey.share {
            $0.isWhole && $0.largest == 2047 && Double($0.largestCount) > 0.002 * Double($0.area)
        }
        guard raw >= 0.8 else { return nil }
        return DepthFinding(
            code: "depth.raw_disparity",
            message:
                "the largest number is 2047, and often: raw Kinect disparity of eleven bits, where 2047 means no "
                + "reading; it has no unit of length",
            hint:
                "convert it: metres = 0.1236 tan(raw / 2842.5 + 1.1863), or export registered depth"
        )
    }

    @Sendable private static func notDistance(_ survey: DepthSurvey) -> DepthFinding? {
        guard rawDisparity(survey) == nil, swappedBytes(survey) == nil else { return nil }
        let told = survey.files.compactMap { $0.plane }.filter { $0.count >= 100 }
        let sorted = told.map(\.median).sorted()
        let figure = sorted.isEmpty ? nil : sorted[sorted.count / 2]
        let trends = survey.files.compactMap(\.trend)
        let rising = trends.count { $0 > 0.3 }
        // Files of one view that stands still are one witness.
        let spread = (trends.max() ?? 0) - (trends.min() ?? 0)
        let isFlat = told.count >= 3 && (figure ?? 1) < 0.4
        let isReversed =
            trends.count >= 3 && spread > 0.02 && 4 * rising >= 3 * trends.count
            && (figure ?? 0) < 0.6
        guard isFlat || isReversed else { return nil }
        let why =
            isFlat
            ? "slanted planes are straight in the stored numbers (\(text(figure ?? 0)), where distances give 1)"
            : "they grow downwards in \(rising) of \(trends.count) files, where floors are nearer, unless "
                + "the sensor hung upside down"
        return DepthFinding(
            code: "depth.not_distance",
            message:
                "the stored numbers look like disparity or inverse depth, which fall with distance: \(why)",
            hint:
                "convert them first: depth = focal length x baseline / disparity, or 1 / inverse depth"
        )
    }

    @Sendable private static func normalised(_ survey: DepthSurvey) -> DepthFinding? {
        let tops: [Double] = [1, 255, 65_535]
        let normal = survey.share { file in
            tops.contains(file.largest) && Double(file.largestCount) <= 0.005 * Double(file.area)
                && file.largestCount > 0
        }
        guard survey.files.count >= 3, normal >= 0.8 else { return nil }
        return DepthFinding(
            code: "depth.normalised",
            message:
                "the largest number of nearly every file is exactly \(text(survey.files[0].largest)): values "
                + "normalised to each picture's maximum are unitless",
            hint: "export the depth before it was normalised: one scale must hold for all files")
    }

    @Sendable private static func noReading(_ survey: DepthSurvey) -> DepthFinding? {
        let full = survey.files.filter { $0.largest == 65_535 && $0.isWhole }
        let count = full.reduce(0) { $0 + $1.largestCount }
        let pixels = max(1, survey.files.reduce(0) { $0 + $1.area })
        guard survey.options.invalid != 65_535, Double(count) > 0.005 * Double(pixels) else {
            return nil
        }
        return DepthFinding(
            code: "depth.invalid",
            message:
                "\(percent(count, pixels)) of pixels hold 65535, \(text(65_535 * survey.scale)) m: that often means "
                + "no reading",
            hint: "if so write `invalid = 65535`")
    }

    @Sendable private static func few(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.valid > 0, survey.valid < 0.2, !survey.options.isSparse else { return nil }
        let why =
            survey.present > 2 * survey.valid
            ? "\(percent(survey.present)) hold a number, most of them beyond `maximum`"
            : "the others are 0"
        return DepthFinding(
            code: "depth.few",
            message: "\(percent(survey.valid)) of pixels hold a valid depth; \(why)",
            hint: survey.present > 2 * survey.valid
                ? suggestion(survey, DepthSurvey.quantile(0.5, of: survey.stored) ?? 0)
                : "for a laser scanner's points write `preset = \"kitti\"` or `sparse = true`; else look at the files"
        )
    }

    @Sendable private static func median(_ survey: DepthSurvey) -> DepthFinding? {
        guard let median = DepthSurvey.quantile(0.5, of: survey.metres) else { return nil }
        let upper = max(20, survey.options.maximum.isFinite ? survey.options.maximum : 20)
        guard !(0.2...upper).contains(median) else { return nil }
        return DepthFinding(
            code: "depth.median",
            message:
                "the median depth is \(text(median)) m, expected 0.2 to \(text(upper)) m: \(said(survey))",
            hint: suggestion(survey, median / survey.scale))
    }

    @Sendable private static func far(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.valid > 0, survey.beyond > 0.05 else { return nil }
        let limit =
            survey.options.maximum.isFinite
            ? "`maximum`, \(text(survey.options.maximum)) m" : "20 m"
        return DepthFinding(
            code: "depth.beyond",
            message: "\(percent(survey.beyond)) of readings lie beyond \(limit)",
            hint: "outdoors set `maximum` to what the sensor measures; indoors the unit is wrong: "
                + suggestion(survey, DepthSurvey.quantile(0.5, of: survey.stored) ?? 0))
    }

    @Sendable private static func assumedScale(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.options.givenScale == nil,
            let median = DepthSurvey.quantile(0.5, of: survey.metres),
            (5...20).contains(median), !causes.contains(where: { $0(survey) != nil })
        else { return nil }
        return DepthFinding(
            code: "depth.scale_doubtful",
            message: "the median depth would be \(text(median)) m: \(said(survey))",
            hint: suggestion(survey, median / survey.scale))
    }

    @Sendable private static func wholeArrays(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.options.givenScale == nil,
            survey.share({ $0.format.hasPrefix("npy") && $0.isWhole }) > 0.5
        else {
            return nil
        }
        return DepthFinding(
            code: "depth.whole_npy",
            message: "NPY arrays of whole numbers are taken for millimetres",
            hint: "say it in dataset.toml: `unit = \"mm\"` under [depth], or what a unit is")
    }

    @Sendable private static func eightBits(_ survey: DepthSurvey) -> DepthFinding? {
        guard survey.share({ $0.bitDepth <= 8 }) > 0.5 else { return nil }
        return DepthFinding(
            code: "depth.eight_bit",
            message:
                "the files have eight bits: 256 steps of \(text(survey.scale)) m are all that can be told apart",
            hint: "export the sensor's own 16-bit values where there are any")
    }

    // MARK: Words

    /// What the scale is and whether anybody said so.
    private static func said(_ survey: DepthSurvey) -> String {
        survey.options.givenScale == nil
            ? (survey.scale == 1
                ? "floating-point numbers are taken for metres"
                : "a unit is taken for a millimetre")
            : "`scale` is \(text(survey.scale)) m a unit"
    }

    /// Units under which the median of the stored numbers would be a usual distance.
    private static func suggestion(_ survey: DepthSurvey, _ median: Double) -> String {
        let units: [(words: String, scale: Double)] = [
            ("unit = \"mm\"", 0.001), ("preset = \"tum\"", 1.0 / 5000),
            ("preset = \"realsense-l515\"", 0.00025),
            ("preset = \"realsense-d405\"", 0.0001), ("unit = \"cm\"", 0.01), ("unit = \"m\"", 1),
            ("preset = \"kitti\"", 1.0 / 256),
        ]
        let likely = units.filter { unit in
            let range = unit.words.contains("kitti") ? 5.0...60.0 : 0.5...8.0
            return range.contains(median * unit.scale)
                && abs(unit.scale - survey.scale) > 1e-3 * survey.scale
        }
        let cause = causes.lazy.compactMap({ $0(survey) }).first
        // A unit may be wrong in numbers that only seem to fall with distance.
        if let cause, cause.code != "depth.not_distance" || likely.isEmpty {
            return "mend that first: \(cause.message.prefix(while: { $0 != ":" && $0 != "," }))"
        }
        if abs(survey.scale * 256 - 1) < 1e-6 {
            return
                "for KITTI `preset = \"kitti\"` sets `scale`, `maximum` and that most pixels are empty"
        }
        guard !likely.isEmpty else { return "check `scale` and `maximum` under [depth]" }
        let words = likely.prefix(3).map {
            "`\($0.words)` would make it \(text(median * $0.scale)) m"
        }
        return words.joined(separator: ", ")
    }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        percent(Double(part) / Double(max(1, whole)))
    }

    private static func percent(_ share: Double) -> String {
        share > 0 && share < 0.01 ? "less than 1 %" : "\(Int((100 * share).rounded())) %"
    }

    /// A number to three figures.
    static func text(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var factor = 1.0
        while abs(value) * factor < 100, factor < 1e9 { factor *= 10 }
        let rounded = (value * factor).rounded() / factor
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
