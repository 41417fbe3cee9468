import CDistillPlugin

/// What a plugin says of several files of one data set, looked at together.
package struct ModalitySurvey: Sendable, Equatable {
    package struct Figure: Sendable, Equatable {
        package var name: String
        package var unit: String
        package var value: Double
    }

    package struct Finding: Sendable, Equatable {
        package var code: String
        package var message: String
        package var hint: String
    }

    package var figures: [Figure] = []
    package var findings: [Finding] = []
}

extension ModalityPlugin {
    /// Files that one survey takes.
    package static let longestSurvey = 256

    /// Has the plugin decode a spread sample of files and say what seems wrong with their description.
    ///
    /// - Parameter paths: 1 to 256 files; those that cannot be read are passed over.
    /// - Returns: nil where the plugin makes no surveys.
    /// - Throws: `PluginError` where no file can be read or the options are wrong.
    package func survey(paths: [String], options: PluginOptions = [:]) throws -> ModalitySurvey? {
        guard let surveyTable else { return nil }
        precondition((1...Self.longestSurvey).contains(paths.count), "1 to 256 files")
        // A few kilobytes: too much for the stack of a thread that others call from.
        let survey = UnsafeMutablePointer<distill_survey>.allocate(capacity: 1)
        survey.initialize(to: distill_survey())
        defer { survey.deallocate() }
        survey.pointee.struct_size = UInt32(MemoryLayout<distill_survey>.size)
        try withCStrings(paths) { paths in
            try call(surveyTable.survey, named: "survey", path: nil) { function, status in
                withCOptions(options) {
                    function(paths.baseAddress, paths.count, $0, survey, &status)
                }
            }
        }
        let figures = entries(
            of: survey.pointee.figures, distill_figure.self, count: survey.pointee.figure_count)
        let findings = entries(
            of: survey.pointee.findings, distill_finding.self, count: survey.pointee.finding_count)
        return ModalitySurvey(
            figures: figures.map {
                ModalitySurvey.Figure(
                    name: fixedText($0.name), unit: fixedText($0.unit), value: $0.value)
            }.filter { $0.value.isFinite && !$0.name.isEmpty },
            findings: findings.map {
                ModalitySurvey.Finding(
                    code: fixedText($0.code), message: fixedText($0.message),
                    hint: fixedText($0.hint))
            }.filter { !$0.message.isEmpty })
    }

    /// The filled entries of a fixed list; a count beyond its room is cut.
    private func entries<Field, Entry>(of field: Field, _: Entry.Type, count: UInt32) -> [Entry] {
        withUnsafeBytes(of: field) { bytes in
            Array(bytes.assumingMemoryBound(to: Entry.self).prefix(Int(count)))
        }
    }

    private func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) throws -> Result
    ) rethrows -> Result {
        let text = strings.map { Array($0.utf8CString) }
        let flat = text.flatMap { $0 }
        return try flat.withUnsafeBufferPointer { flat in
            var place = 0
            let pointers = text.map { string -> UnsafePointer<CChar>? in
                defer { place += string.count }
                return flat.baseAddress?.advanced(by: place)
            }
            return try pointers.withUnsafeBufferPointer(body)
        }
    }
}
