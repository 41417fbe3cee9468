import Foundation
import Interchange
import Tensors
import Testing

/// The official cases of single operators: right or refused by name, never wrong.
@Suite struct NodeCaseTests {
    enum Outcome {
        case passed
        case refused(String)
        case wrong(String)
    }

    @Test(.enabled(if: TestData.isThere))
    func officialCasesAreRightOrRefused() throws {
        var passed = 0
        var refused: [String] = []
        var wrong: [String] = []
        for folder in try TestData.folders("onnx-cases/node") {
            let name = folder.lastPathComponent
            switch outcome(of: folder) {
            case .passed: passed += 1
            case .refused(let reason): refused.append("\(name): \(reason)")
            case .wrong(let reason): wrong.append("\(name): \(reason)")
            }
        }
        let total = passed + refused.count + wrong.count
        print(
            "onnx node cases: \(total), \(passed) passed, \(refused.count) refused, \(wrong.count) wrong"
        )
        if ProcessInfo.processInfo.environment["DISTILL_VERBOSE"] != nil {
            print(refused.joined(separator: "\n"))
        }
        #expect(wrong.isEmpty, Comment(rawValue: wrong.joined(separator: "\n")))
        #expect(passed * 2 >= total)
    }

    private func outcome(of folder: URL) -> Outcome {
        do {
            let model = folder.appendingPathComponent("model.onnx")
            var inputs: [String: NumPyArray] = [:]
            var expected: [NumPyArray] = []
            let data = folder.appendingPathComponent("test_data_set_0")
            let names = try ONNXImporter.portNames(at: model)
            for (index, name) in names.inputs.enumerated() where !name.isEmpty {
                let file = data.appendingPathComponent("input_\(index).pb")
                // What cannot be read as a tensor belongs to a model that is refused.
                inputs[name] = try? ONNXTensorFile.read(file).array
            }
            let runner = try ModelRunner(at: model, inputs: inputs)
            for index in names.outputs.indices {
                let file = data.appendingPathComponent("output_\(index).pb")
                expected.append(try ONNXTensorFile.read(file).array)
            }
            let found = try runner.interpreted()
            return try compare(found.map(\.array), expected)
        } catch let error as InterchangeError where error.code == .unsupported {
            return .refused("\(error.node): \(error.message)")
        } catch {
            return .wrong("\(error)")
        }
    }

    private func compare(_ found: [NumPyArray], _ expected: [NumPyArray]) throws -> Outcome {
        guard found.count == expected.count else { return .wrong("\(found.count) outputs") }
        for (found, expected) in zip(found, expected) {
            guard found.element == expected.element else {
                return .wrong("\(found.element), expected \(expected.element)")
            }
            // As a file would carry it: rounded to its element type.
            let rounded = try NumPyFile.read(NumPyFile.encode(found).reduce(Data(), +))
            guard found.shape == expected.shape else {
                return .wrong("\(found.shape), expected \(expected.shape)")
            }
            let isHalf = found.element == .float16 || found.element == .bfloat16
            let relative =
                found.element.isFloatingPoint ? (isHalf ? 1e-2 : 1e-3) : 0
            for (a, b) in zip(rounded.values.values, expected.values.values) {
                let isEqual = a == b || (a.isNaN && b.isNaN)
                guard isEqual || abs(a - b) <= 1e-6 + relative * abs(b) else {
                    return .wrong("\(a), expected \(b)")
                }
            }
        }
        return .passed
    }
}
