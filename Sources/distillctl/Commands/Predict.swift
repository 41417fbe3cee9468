import ArgumentParser
import Configuration
import Console
import ControlClient
import ControlProtocol
import Foundation

struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Classify or embed files of yours with a model.",
        discussion: """
            The files are read on this side of the socket. What their numbers mean is taken from \
            --dataset, else from --scale and --option, else from the data set that the model was trained on; NPY \
            arrays of floating-point numbers are then metres. A frame that is empty, or beyond what the student saw \
            in training, is answered with a warning.

            Examples:
              distillctl predict kitchen-depth frame.png --scale 0.001
              distillctl predict kitchen-depth frame.png --option preset=tum --option invalid=65535
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var model: String

    @Argument(help: "Pictures in the model's modality.", completion: .file())
    var files: [String]

    @Option(help: "Read the files as this data set's manifest says.")
    var dataset: String?

    @Option(help: "Metres a unit of a depth picture, such as 0.001.")
    var scale: Double?

    @Option(
        name: .customLong("option"),
        help:
            "KEY=VALUE as it would stand in the modality's section of dataset.toml; may be repeated."
    )
    var given: [String] = []

    func run() async throws {
        for file in files where !FileManager.default.isReadableFile(atPath: file) {
            throw UserFile.unreadable(file)
        }
        let client = try options.client()
        let model = try await client.send(ShowModel(model)).model
        let payload = try await PredictCommand.answers(
            of: model, to: files, manifest: try await manifest(for: model, client),
            isImplied: dataset == nil && scale == nil && given.isEmpty, client: client)
        try options.show(payload) { PredictionText.lines(payload, $0) }
        if PredictionText.hasFailures(payload) {
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    /// A model's answers to files of this user, computed here.
    static func answers(
        of model: ModelSummary, to files: [String], manifest: String? = nil,
        isImplied: Bool = true, client: ControlClient
    ) async throws -> JSONValue {
        // What made the model must be able to read its files here too.
        let plugins = try await client.send(ListPlugins())
        return try LocalWorker().answer(
            to: .predict(
                PredictAssignment(
                    model: ModelReference(
                        name: model.name, folder: try PredictCommand.folder(model)),
                    files: files.map(UserFile.absolute), manifest: manifest, isImplied: isImplied,
                    surroundings: LocalWorker.surroundings(further: plugins.folders))),
            role: "predict")
    }

    /// The model's folder, which lies in the daemon's state and may be closed to this user.
    private static func folder(_ model: ModelSummary) throws -> String {
        guard let folder = model.folder else {
            throw ControlError("model.not_found", "distilld does not say where \(model.name) lies")
        }
        guard FileManager.default.isReadableFile(atPath: folder + "/model.json") else {
            throw ControlError(
                "model.denied", "\(folder) may not be read by you",
                hint: "export it and run it on arrays: distillctl models export \(model.name) "
                    + "--format onnx --to FILE; or predict as the daemon's user")
        }
        return folder
    }

    private func manifest(
        for model: ModelSummary, _ client: ControlClient
    ) async throws -> String? {
        if let dataset {
            guard scale == nil, given.isEmpty else {
                throw ControlError.usage("--dataset excludes --scale and --option")
            }
            return try await client.send(ShowDataset(dataset)).dataset.manifest
        }
        if scale != nil || !given.isEmpty { return try manifest(modality: model.modality) }
        guard let trainedOn = model.dataset else { return nil }
        return try? await client.send(ShowDataset(trainedOn)).dataset.manifest
    }

    /// A manifest whose only section says what --scale and --option say.
    private func manifest(modality: String) throws -> String {
        var lines = ["layout = \"stem\"", "[\(modality)]", "path = \".\"", "pattern = \"*\""]
        if let scale {
            guard scale > 0, scale.isFinite else {
                throw ControlError.usage("--scale \(scale): expected metres a unit, above 0")
            }
            lines.append("scale = \(scale)")
        }
        for option in given {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else {
                throw ControlError.usage("--option \(option): expected KEY=VALUE, such as unit=mm")
            }
            guard !lines.contains(where: { $0.hasPrefix("\(parts[0]) = ") }) else {
                throw ControlError.usage("--option \(option): \(parts[0]) is given already")
            }
            let number = Double(parts[1]).flatMap { $0.isFinite ? "\($0)" : nil }
            let text = parts[1].replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let isWord = ["true", "false"].contains(parts[1])
            lines.append("\(parts[0]) = \(isWord ? parts[1] : number ?? "\"\(text)\"")")
        }
        let text = lines.joined(separator: "\n") + "\n"
        do {
            return try DatasetManifest(toml: text, file: "--option").toml
        } catch let error as ConfigurationError {
            throw ControlError.usage(
                error.hint.isEmpty ? error.message : "\(error.message); \(error.hint)")
        }
    }
}
