import ArgumentParser
import Console
import ControlProtocol
import Foundation

struct RunModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an ONNX file on arrays; needs no daemon.",
        discussion: """
            Every output is written as DIR/NAME.npy, with `/` in names as `_`.

            Example: distillctl models run student.onnx --input depth=frames.npy --outputs out
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "An ONNX file.", completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(
        name: .customLong("input"), parsing: .singleValue,
        help: ArgumentHelp("An input and its array; may be repeated.", valueName: "name=file.npy"))
    var inputs: [String] = []

    @Option(
        help: ArgumentHelp("The folder for the outputs.", valueName: "dir"),
        completion: .directory)
    var outputs: String

    func run() async throws {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw UserFile.unreadable(file)
        }
        let assignment = WorkerAssignment.run(
            RunAssignment(
                model: UserFile.absolute(file), inputs: try arrays(),
                outputs: UserFile.absolute(outputs)))
        let payload = try LocalWorker().answer(to: assignment, role: "run")
        try options.show(payload) { _ in
            guard case .object(let written)? = payload["outputs"] else { return [] }
            var fields = Fields()
            for (name, path) in written.sorted(by: { $0.key < $1.key }) {
                fields.add(name, path.string)
            }
            return fields.lines(.output)
        }
    }

    private func arrays() throws -> [String: String] {
        var arrays: [String: String] = [:]
        for input in inputs {
            // Names may hold `=` no more than files do: the first one parts them.
            guard let equals = input.firstIndex(of: "="), equals != input.startIndex else {
                throw ControlError.usage(
                    "--input \(input): expected NAME=FILE.npy", hint: "such as depth=frame.npy")
            }
            let name = String(input[..<equals])
            let path = String(input[input.index(after: equals)...])
            guard arrays[name] == nil else {
                throw ControlError.usage("--input \(name) is given twice")
            }
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw UserFile.unreadable(path)
            }
            arrays[name] = UserFile.absolute(path)
        }
        return arrays
    }
}
