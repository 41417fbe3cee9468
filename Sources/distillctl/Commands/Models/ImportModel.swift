import ArgumentParser
import Configuration
import Console
import ControlClient
import ControlProtocol
import Foundation

struct ImportModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring a model of yours into the catalog.",
        discussion: """
            ONNX (with the files of weights beside it), or safetensors of a known architecture (or the index of its \
            shards). Softmax and sigmoid at the end are undone. What the file does not say is recognised and told, or \
            asked for. --preprocess names how a picture becomes the network's input: imagenet, unit (0 to 1), bytes \
            (0 to 255), or a TOML file with channels, scale, mean, std, size, resize (bilinear, bicubic or nearest, as \
            Pillow's) and crop (of whole pictures, as 0.875).

            Examples:
              distillctl models import resnet.onnx --name resnet --preprocess imagenet --classes imagenet_classes.txt
              distillctl models import encoder.onnx --task embedding --features /blocks.11/Add_output_0
              distillctl models import resnet.onnx --check desk.jpg sofa.jpg
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(
        help: "The model's file.", completion: .file(extensions: ["onnx", "safetensors"]))
    var file: String

    @Option(help: "The model's name; else the file's.")
    var name: String?

    @Option(help: "What the model looks at; else what the file says, else rgb.")
    var modality: String?

    @Option(
        help: ArgumentHelp("imagenet, unit, bytes or a TOML file.", valueName: "preset|file"),
        completion: .file(extensions: ["toml"]))
    var preprocess: String?

    @Option(
        help: ArgumentHelp(
            "A file with the names of the classes: a line each, JSON or YAML.", valueName: "file"),
        completion: .file())
    var classes: String?

    @Option(
        help: ArgumentHelp(
            "The output of the graph that answers; --output does as well.", valueName: "name"))
    var graphOutput: String?

    @Option(
        help: ArgumentHelp(
            "classifier, multi-label, embedding, detector or segmenter; else as the graph tells.",
            valueName: "task"),
        completion: .list(["classifier", "multi-label", "embedding", "detector", "segmenter"]))
    var task: String?

    @Option(help: ArgumentHelp("The node whose map students follow.", valueName: "node"))
    var features: String?

    @Option(
        help: ArgumentHelp("Height and width that the file leaves open.", valueName: "HxW"))
    var inputShape: String?

    @Option(
        help: ArgumentHelp(
            "Tensors that no architecture needs, as a shell pattern; may be repeated.",
            valueName: "pattern"))
    var ignore: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Pictures to show the model's top answers on.", valueName: "picture"),
        completion: .file())
    var check: [String] = []

    /// Arguments in which `--output`, which says how to print everywhere else, is the graph's where it names no format.
    static func reading(_ arguments: [String]) -> [String] {
        guard let place = arguments.firstIndex(of: "models"), place + 1 < arguments.count,
            arguments[place + 1] == "import"
        else { return arguments }
        func isFormat(_ word: some StringProtocol) -> Bool {
            GlobalOptions.Output(rawValue: String(word)) != nil
        }
        let joined = "--output="
        return arguments.indices.map { index in
            let word = arguments[index]
            if word == "--output", index + 1 < arguments.count, !isFormat(arguments[index + 1]) {
                return "--graph-output"
            }
            guard word.hasPrefix(joined), !isFormat(word.dropFirst(joined.count)) else {
                return word
            }
            return "--graph-output=" + word.dropFirst(joined.count)
        }
    }

    func run() async throws {
        for picture in check where !FileManager.default.isReadableFile(atPath: picture) {
            throw UserFile.unreadable(picture)
        }
        let reply = try await upload()
        guard !check.isEmpty else {
            return try options.show(reply) { lines(reply.model, $0) }
        }
        let answers = try await PredictCommand.answers(
            of: reply.model, to: check, client: try options.client())
        let whole: JSONValue = .object([
            "model": try JSONValue(encoding: reply.model), "check": answers,
        ])
        try options.show(whole) { terminal in
            lines(reply.model, terminal) + terminal.heading("answers")
                + PredictionText.lines(answers, terminal)
        }
    }

    private func lines(_ model: ModelSummary, _ terminal: Terminal) -> [String] {
        ["imported \(terminal.styled(model.name, .bold))"] + ModelText.lines(model, terminal)
    }

    /// Sends the file, and once more with those that it names where it is one of several.
    private func upload() async throws -> ModelReply {
        var request = ImportModel(
            originalName: URL(fileURLWithPath: file).lastPathComponent, name: name,
            modality: modality, preprocess: try preprocess.map(ImportModelCommand.settings),
            classes: try classes.map { try UserFile.text($0) },
            words: ImportWords(
                output: graphOutput, task: task, features: features, inputShape: inputShape,
                ignored: ignore))
        do {
            return try await send(request, [])
        } catch let error as ControlError where error.code == "model.missing_files" {
            guard case .array(let names)? = error.details["files"] else { throw error }
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            var paths: [String] = []
            for name in names.compactMap(\.string) {
                let path = folder.appendingPathComponent(name).path
                let facts = try? FileManager.default.attributesOfItem(
                    atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
                guard let bytes = facts?[.size] as? NSNumber,
                    FileManager.default.isReadableFile(atPath: path)
                else { throw error }
                paths.append(path)
                request.attachments.append(.init(name: name, bytes: bytes.int64Value))
            }
            return try await send(request, paths)
        }
    }

    private func send(_ request: ImportModel, _ attachments: [String]) async throws -> ModelReply {
        let transfer = TransferDisplay(title: "sending", terminal: .error)
        defer { transfer.end() }
        return try await options.client().upload(request, from: attachments + [file]) {
            done, total in
            transfer.show(done, total, after: "checking")
        }
    }

    /// A preset's name as it is; else the text of the file, checked here where its name is known.
    private static func settings(_ named: String) throws -> String {
        if PreprocessingSettings.presets[named] != nil { return named }
        guard named.hasSuffix(".toml") || FileManager.default.fileExists(atPath: named) else {
            throw ControlError.usage(
                "--preprocess \(named): expected imagenet, unit, bytes or the path of a TOML file")
        }
        let text = try UserFile.text(named)
        return try PreprocessingSettings(toml: text, file: named).toml
    }
}
