package import CDistillPlugin

extension PluginCalls {
    /// The files that a survey is given.
    ///
    /// - Throws: `plugin.argument`.
    package static func paths(
        _ paths: UnsafePointer<UnsafePointer<CChar>?>?, count: Int
    ) throws -> [String] {
        guard let paths, (1...256).contains(count) else {
            throw PluginFailure("plugin.argument", "`paths` is null or not 1 to 256 files")
        }
        return try UnsafeBufferPointer(start: paths, count: count).map {
            guard let path = $0 else { throw PluginFailure("plugin.argument", "a path is null") }
            return String(cString: path)
        }
    }

    /// Writes what a survey found; what is beyond the table's room is left out.
    ///
    /// - Throws: `plugin.argument`.
    package static func fill(
        _ survey: UnsafeMutablePointer<distill_survey>?,
        figures: [(name: String, unit: String, value: Double)],
        findings: [(code: String, message: String, hint: String)]
    ) throws {
        guard let survey else { throw PluginFailure("plugin.argument", "`survey` is null") }
        survey.pointee.figure_count = fillList(
            &survey.pointee.figures, of: distill_figure.self, with: figures
        ) { figure, value in
            fillText(&figure.name, with: value.name)
            fillText(&figure.unit, with: value.unit)
            figure.value = value.value
        }
        survey.pointee.finding_count = fillList(
            &survey.pointee.findings, of: distill_finding.self, with: findings
        ) { finding, value in
            fillText(&finding.code, with: value.code)
            fillText(&finding.message, with: value.message)
            fillText(&finding.hint, with: value.hint)
        }
    }

    private static func fillList<Field, Entry, Value>(
        _ field: inout Field, of _: Entry.Type, with values: [Value],
        _ fill: (inout Entry, Value) -> Void
    ) -> UInt32 {
        withUnsafeMutableBytes(of: &field) { bytes in
            let entries = bytes.assumingMemoryBound(to: Entry.self)
            let count = min(values.count, entries.count)
            for index in 0..<count { fill(&entries[index], values[index]) }
            return UInt32(count)
        }
    }
}
