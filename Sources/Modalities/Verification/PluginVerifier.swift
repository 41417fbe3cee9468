import CDistillPlugin
import Foundation

/// Tries a plugin out before anybody trusts it with a job.
///
/// A faulty plugin may end the process (that is what the guarded pages are for), so this runs in a
/// process of its own; the last reported check then tells where.
package struct PluginVerifier {
    /// The outcome of one check.
    package struct Check: Sendable, Hashable, Codable {
        package let name: String
        package let passed: Bool
        /// What was tried, or why it failed.
        package let detail: String
    }

    private let folder: String
    private let samples: [String]
    private let options: PluginOptions

    /// Prepares to verify the plugin in `folder`, also on `samples` read with `options`.
    package init(folder: String, samples: [String] = [], options: PluginOptions = [:]) {
        self.folder = folder
        self.samples = samples
        self.options = options
    }

    /// Runs every check in turn and reports each before the next begins.
    ///
    /// Checks that need a loaded plugin are left out where it cannot be loaded.
    @discardableResult
    package func run(report: (Check) -> Void = { _ in }) -> [Check] {
        var checks: [Check] = []
        func check<Value>(_ name: String, _ body: () throws -> (String, Value)) -> Value? {
            let (outcome, value): (Check, Value?)
            do {
                let (detail, result) = try body()
                (outcome, value) = (Check(name: name, passed: true, detail: detail), result)
            } catch {
                (outcome, value) = (Check(name: name, passed: false, detail: "\(error)"), nil)
            }
            checks.append(outcome)
            report(outcome)
            return value
        }
        let found = check("manifest") {
            let plugin = try DiscoveredPlugin(folder: folder)
            return ("\(plugin.manifest.id) \(plugin.manifest.version)", plugin)
        }
        guard let found else { return checks }
        let loaded = check("load") {
            let plugin = try PluginLibrary.load(found)
            return ("magic, ABI \(found.manifest.abi), table and digest are good", plugin)
        }
        guard let plugin = loaded else { return checks }
        _ = check("encodings") { (try encodings(of: plugin), ()) }
        _ = check("unknown option") { (try refusesUnknownOption(plugin), ()) }
        let scratch = FileManager.default.temporaryDirectory
            .appendingPathComponent("distill-verify-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let readable = check("samples") {
            try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
            let usable = try usableSamples(plugin, scratch: scratch)
            return ("reads \(usable.map { URL(fileURLWithPath: $0).lastPathComponent })", usable)
        }
        for sample in readable ?? [] {
            let trial = SampleTrial(plugin: plugin, path: sample, options: options)
            let name = URL(fileURLWithPath: sample).lastPathComponent
            _ = check("round trip of \(name)") { (try trial.roundTrip(), ()) }
            _ = check("truncation of \(name)") { (try trial.truncation(scratch: scratch), ()) }
            _ = check("guarded pages with \(name)") { (try trial.guardedPages(), ()) }
            _ = check("determinism with \(name)") { (try trial.determinism(), ()) }
        }
        return checks
    }

    private func encodings(of plugin: ModalityPlugin) throws -> String {
        for encoding in plugin.encodings {
            var builder = ShapeBuilder()
            let (height, width) = (24, 32)
            var parameters: PluginOptions = [
                "height": .number(Double(height)), "width": .number(Double(width)),
            ]
            if encoding.takesFocalLength {
                parameters.merge(["focal": 0.82, "focal_y": 1.09]) { $1 }
            }
            let shape = try plugin.buildEncoding(
                encoding.name, parameters: parameters, using: &builder,
                input: [2, plugin.channels, height, width])
            guard shape == [2, encoding.channels, height, width] else {
                throw PluginError(
                    code: "verify.graph",
                    message: "encoding `\(encoding.name)` gives \(shape), expected "
                        + "[2, \(encoding.channels), \(height), \(width)]")
            }
        }
        return "built \(plugin.encodings.map(\.name))"
    }

    private func refusesUnknownOption(_ plugin: ModalityPlugin) throws -> String {
        let path = samples.first ?? "/dev/null"
        do {
            _ = try plugin.inspect(path: path, options: ["no such option": true])
        } catch let error as PluginError {
            return error.message
        }
        throw PluginError(
            code: "verify.option", message: "it accepts an option that cannot exist")
    }

    private func usableSamples(_ plugin: ModalityPlugin, scratch: URL) throws -> [String] {
        for sample in samples { _ = try plugin.inspect(path: sample, options: options) }
        let generated = try GeneratedSamples.write(into: scratch).filter { path in
            (try? plugin.inspect(path: path, options: options)) != nil
        }
        guard !samples.isEmpty || !generated.isEmpty else {
            throw PluginError(
                code: "verify.samples", message: "it reads none of the generated pictures",
                hint: "name a file that it reads")
        }
        return samples + generated
    }
}
