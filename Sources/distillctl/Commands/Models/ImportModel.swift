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
            ONNX, or safetensors of a known architecture. A final softmax is cut off. \
            --preprocess names how a picture becomes the network's input: imagenet, unit, or a \
            TOML file with channels, scale, mean, std, size and resize.

            Example: distillctl models import resnet.onnx --name resnet --preprocess imagenet \
            --classes imagenet_classes.txt
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(
        help: "The model's file.", completion: .file(extensions: ["onnx", "safetensors"]))
    var file: String

    @Option(help: "The model's name; else the file's.")
    var name: String?

    @Option(help: "What the model looks at.")
    var modality = "rgb"

    @Option(
        help: ArgumentHelp("imagenet, unit or a TOML file.", valueName: "preset|file"),
        completion: .file(extensions: ["toml"]))
    var preprocess: String?

    @Option(
        help: ArgumentHelp("A file with one class name a line.", valueName: "file"),
        completion: .file())
    var classes: String?

    func run() async throws {
        let request = ImportModel(
            originalName: URL(fileURLWithPath: file).lastPathComponent, name: name,
            modality: modality, preprocess: try preprocess.map(ImportModelCommand.settings),
            classes: try classes.map { try UserFile.text($0) })
        let transfer = TransferDisplay(title: "sending", terminal: .error)
        defer { transfer.end() }
        let reply = try await options.client().upload(request, from: file) { done, total in
            transfer.show(done, total, after: "checking")
        }
        transfer.end()
        try options.show(reply) { terminal in
            ["imported \(terminal.styled(reply.model.name, .bold))"]
                + ModelText.lines(reply.model, terminal)
        }
    }

    /// A preset's name as it is; else the text of the file, checked here where its name is known.
    private static func settings(_ named: String) throws -> String {
        if ["imagenet", "unit"].contains(named) { return named }
        guard named.hasSuffix(".toml") || FileManager.default.fileExists(atPath: named) else {
            throw ControlError.usage(
                "--preprocess \(named): expected imagenet, unit or the path of a TOML file")
        }
        let text = try UserFile.text(named)
        return try PreprocessingSettings(toml: text, file: named).toml
    }
}
