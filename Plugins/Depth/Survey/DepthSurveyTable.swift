import CDistillPlugin
import PluginSupport

/// The extension by which the host has several depth files looked at together.
enum DepthSurveyTable {
    static let table = ConstantTable([
        distill_survey_extension(
            struct_size: UInt32(MemoryLayout<distill_survey_extension>.size),
            survey: { paths, count, options, survey, status in
                reporting(to: status) {
                    let paths = try PluginCalls.paths(paths, count: count)
                    let found = try DepthSurvey.of(paths, options: DepthOptions(options))
                    try PluginCalls.fill(
                        survey, figures: found.figures,
                        findings: found.findings.map { ($0.code, $0.message, $0.hint) })
                }
            })
    ])
}
