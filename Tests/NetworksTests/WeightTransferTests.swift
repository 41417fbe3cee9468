import Foundation
import Graphs
import Networks
import Tensors
import Testing

@Suite struct WeightTransferTests {
    @Test func theInputKernelBecomesTheMeanOverColours() {
        let kernel = Tensor<Float>(
            shape: [2, 3, 1, 2], values: [1, 2, 3, 4, 5, 6, -1, 0, -3, 0, -5, 3])
        let one = WeightTransfer.adapting(inputKernel: kernel, channels: 1)
        #expect(one == Tensor(shape: [2, 1, 1, 2], values: [9, 12, -9, 3]))
        let four = WeightTransfer.adapting(inputKernel: kernel, channels: 4)
        #expect(four.shape == [2, 4, 1, 2])
        #expect(four.values[..<8] == [2.25, 3, 2.25, 3, 2.25, 3, 2.25, 3])
    }

    @Test func namesThatFitAreTakenAndOthersReported() throws {
        let (teacher, _) = try ArchitectureTests.graph(
            ResidualNetwork.small, input: [1, 3, 32, 32], classes: 10)
        let (student, _) = try ArchitectureTests.graph(
            ResidualNetwork.small, input: [1, 1, 32, 32], classes: 4)
        let weights = DeterministicStates.all(of: teacher).mapValues { $0.map { Float($0) } }
        let targets = student.states.map(\.declaration)
        let transfer = WeightTransfer(
            from: weights, to: targets, inputKernel: ResidualNetwork.small.inputKernel)
        #expect(transfer.adapted == ["conv1.weight"])
        #expect(transfer.skipped.map(\.name) == ["fc.weight", "fc.bias"])
        #expect(transfer.copied.count == targets.count - 3)
        #expect(transfer.states["bn1.running_var"] == weights["bn1.running_var"])
        for target in targets {
            #expect(transfer.states[target.name]?.shape ?? target.shape == target.shape)
        }
    }

    @Test func otherMeaningsOfTheInputAreAveragedEvenIfTheNumbersAgree() {
        let kernel = Tensor<Float>(shape: [1, 3, 1, 1], values: [1, 2, 6])
        let target = StateDeclaration(
            name: "conv1.weight", shape: [1, 3, 1, 1], role: .parameter, initializer: .constant(0))
        let weights = ["conv1.weight": kernel]
        let same = WeightTransfer(from: weights, to: [target], inputKernel: "conv1.weight")
        #expect(same.copied == ["conv1.weight"])
        let other = WeightTransfer(
            from: weights, to: [target], inputKernel: "conv1.weight", sharesInputMeaning: false)
        #expect(other.states["conv1.weight"]?.values == [3, 3, 3])
    }

    /// What grows evenly over the picture still does on a finer grid, and the class token is no position.
    @Test func positionsOfAnotherGridAreInterpolated() throws {
        var table = Tensor<Float>(shape: [1, 17, 2], repeating: 0)
        table.values[0] = 7
        for cell in 0..<16 {
            table.values[2 + 2 * cell] = Float(cell / 4) + 0.5
            table.values[3 + 2 * cell] = Float(cell % 4) + 0.5
        }
        let target = StateDeclaration(
            name: "pos_embed", shape: [1, 65, 2], role: .parameter, initializer: .constant(0))
        let transfer = WeightTransfer(
            from: ["pos_embed": table], to: [target], inputKernel: "patch_embed.proj.weight")
        #expect(transfer.adapted == ["pos_embed"])
        let fine = try #require(transfer.states["pos_embed"])
        #expect(fine.values[..<2] == [7, 0])
        for cell in 0..<64 {
            // Beyond the outermost centres there is nothing to interpolate with.
            let row = min(max((Float(cell / 8) + 0.5) / 2, 0.5), 3.5)
            let column = min(max((Float(cell % 8) + 0.5) / 2, 0.5), 3.5)
            #expect(fine.values[2 + 2 * cell] == row && fine.values[3 + 2 * cell] == column)
        }
        #expect(PositionTable.resampled(table, to: [1, 11, 2]) == nil)
        #expect(PositionTable.resampled(table, to: table.shape) == table)
    }
}
