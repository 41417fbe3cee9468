import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct ExportModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a model to a file of yours.",
        discussion: """
            The ONNX of a depth student takes metres, [N, 1, height, width] with 0 for no reading; \
            the encoding is inside the graph.

            Example: distillctl models export kitchen-depth --format onnx --to student.onnx
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case onnx, safetensors
    }

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var name: String

    @Option(help: "The kind of file.")
    var format = Format.onnx

    @Option(
        help: ArgumentHelp(
            "The file to write, or a folder for NAME.FORMAT in it; - is standard output.",
            valueName: "path"),
        completion: .file())
    var to: String

    /// What is printed with -o json.
    struct Report: Encodable {
        var model: String
        var format: String
        var path: String
        var bytes: Int64
    }

    func run() async throws {
        guard to != "-" else {
            // The bytes are the output: nothing else is printed.
            _ = try await options.client().download(
                ExportModel(name, format: format.rawValue), to: to)
            return
        }
        var path = UserFile.absolute(to)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        {
            path += "/\(name).\(format.rawValue)"
        }
        let transfer = TransferDisplay(title: "receiving", terminal: .error)
        defer { transfer.end() }
        let bytes = try await options.client().download(
            ExportModel(name, format: format.rawValue), to: path
        ) { done, total in transfer.show(done, total) }
        transfer.end()
        let report = Report(model: name, format: format.rawValue, path: path, bytes: bytes)
        try options.show(report) { _ in ["\(path): \(HumanUnits.bytes(Int(bytes)))"] }
    }
}
