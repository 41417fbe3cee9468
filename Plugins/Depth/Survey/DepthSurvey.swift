import PluginSupport

/// What a spread sample of depth files says about the `[depth]` section that describes them.
struct DepthSurvey {
    let files: [DepthFileFacts]
    let options: DepthOptions
    /// Shares of all pixels looked at.
    let present: Double, valid: Double
    /// The share of present pixels beyond the maximum, or 20 m.
    let beyond: Double
    /// Sorted: metres of valid pixels, stored numbers of present ones.
    let metres: [Float], stored: [Float]

    init(_ files: [DepthFileFacts], options: DepthOptions) {
        self.files = files
        self.options = options
        let pixels = Double(max(1, files.reduce(0) { $0 + $1.pixels }))
        let count = files.reduce(0) { $0 + $1.present }
        present = Double(count) / pixels
        valid = Double(files.reduce(0) { $0 + $1.valid }) / pixels
        beyond = Double(files.reduce(0) { $0 + $1.beyond }) / Double(max(1, count))
        metres = files.flatMap(\.metres).sorted()
        stored = files.flatMap(\.stored).sorted()
    }

    /// Reads files; those that cannot be read are passed over.
    ///
    /// - Throws: What is wrong with the last, where none can be read.
    static func of(_ paths: [String], options: DepthOptions) throws -> DepthSurvey {
        var files: [DepthFileFacts] = []
        var failure: (any Error)?
        for path in paths {
            do {
                let picture = try DepthPicture(SampleFile(path: path), options: options)
                let numbers = try picture.read(options: options)
                files.append(DepthFileFacts(picture, numbers, options: options))
            } catch {
                failure = error
            }
        }
        if files.isEmpty, let failure { throw failure }
        return DepthSurvey(files, options: options)
    }

    /// Metres a unit.
    var scale: Double { options.scale(ofWholeNumbers: files.first?.isWhole ?? true) }

    /// The q-quantile of sorted numbers, nil for none.
    static func quantile(_ q: Double, of sorted: [Float]) -> Double? {
        sorted.isEmpty ? nil : Double(sorted[Int(q * Double(sorted.count - 1))])
    }

    /// How many of the files are like that, as a share.
    func share(_ isSo: (DepthFileFacts) -> Bool) -> Double {
        Double(files.count(where: isSo)) / Double(max(1, files.count))
    }

    var figures: [(name: String, unit: String, value: Double)] {
        var figures = [("valid", "share", valid)]
        for (name, q) in [("5 %", 0.05), ("median", 0.5), ("95 %", 0.95)] {
            if let value = Self.quantile(q, of: metres) { figures.append((name, "metres", value)) }
        }
        figures.append(
            (options.maximum.isFinite ? "beyond maximum" : "beyond 20 m", "share", beyond))
        return figures.map { (name: $0.0, unit: $0.1, value: $0.2) }
    }

    var findings: [DepthFinding] { DepthFinding.kinds.compactMap { $0(self) } }
}
