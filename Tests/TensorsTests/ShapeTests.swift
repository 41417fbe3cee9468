import Tensors
import Testing

@Suite struct ShapeTests {
    @Test func countsAndStrides() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.count == 24)
        #expect(shape.strides == [12, 4, 1])
        #expect(shape[-1] == 4 && shape[0] == 2)
        #expect(Shape.scalar.count == 1 && Shape.scalar.strides.isEmpty)
        #expect(Shape([0, 5]).count == 0)
        #expect("\(shape)" == "[2, 3, 4]")
    }

    @Test(
        arguments: [
            ([2, 3], [3], [2, 3]), ([2, 1], [1, 4], [2, 4]), ([], [5], [5]), ([], [], []),
            ([8, 1, 6, 1], [7, 1, 5], [8, 7, 6, 5]), ([0, 3], [1, 3], [0, 3]),
        ] as [(Shape, Shape, Shape)])
    func broadcastsAsNumPy(left: Shape, right: Shape, expected: Shape) {
        #expect(left.broadcast(with: right) == expected)
        #expect(right.broadcast(with: left) == expected)
    }

    @Test func refusesToBroadcastUnequalExtents() {
        #expect(Shape([2, 3]).broadcast(with: [2]) == nil)
        #expect(Shape([2, 3]).broadcast(with: [3, 3]) == nil)
    }

    @Test func countsWithoutOverflow() {
        #expect(Shape([1 << 40, 1 << 40]).checkedCount == nil)
        // Strides would not fit either.
        #expect(Shape([1 << 40, 1 << 40, 0]).checkedCount == nil)
        #expect(Shape([4, 0]).checkedCount == 0)
        #expect(Shape([2, 3]).checkedCount == 6)
    }

    @Test func padsWithLeadingOnes() {
        #expect(Shape([3]).padded(to: 3) == [1, 1, 3])
    }
}

@Suite struct TensorTests {
    @Test func indexesRowMajor() {
        var tensor = Tensor<Float>(shape: [2, 3], values: [0, 1, 2, 3, 4, 5])
        #expect(tensor[1, 0] == 3)
        tensor[0, 2] = 9
        #expect(tensor.values == [0, 1, 9, 3, 4, 5])
    }

    @Test func keepsItsElementsWhenReshapedOrMapped() {
        let tensor = Tensor<Int>(shape: [2, 2], values: [1, 2, 3, 4])
        #expect(tensor.reshaped(to: [4]).values == tensor.values)
        #expect(tensor.map { Double($0) / 2 } == Tensor(shape: [2, 2], values: [0.5, 1, 1.5, 2]))
        #expect(Tensor(scalar: 7).shape == .scalar)
        #expect(Tensor(shape: [3], repeating: 2).values == [2, 2, 2])
    }

    @Test(arguments: ElementType.allCases)
    func elementTypesHaveASize(_ type: ElementType) {
        #expect([1, 2, 4, 8].contains(type.byteCount))
        #expect(type.isFloatingPoint == (type.rawValue.contains("float")))
    }
}

@Suite struct SeededGeneratorTests {
    /// The published sequence of SplitMix64 from state 0.
    @Test func isSplitMix64() {
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
        #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
        #expect(generator.next() == 0x06C4_5D18_8009_454F)
    }

    @Test func namedStreamsDifferAndRepeat() {
        var first = SeededGenerator(seed: 1, name: "weight")
        var again = SeededGenerator(seed: 1, name: "weight")
        var other = SeededGenerator(seed: 1, name: "bias")
        let values = (0..<4).map { _ in first.next() }
        #expect(values == (0..<4).map { _ in again.next() })
        #expect(values != (0..<4).map { _ in other.next() })
    }

    @Test func uniformFillsTheUnitInterval() {
        var generator = SeededGenerator(seed: 5)
        let values = (0..<4096).map { _ in generator.uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        #expect(abs(values.reduce(0, +) / 4096 - 0.5) < 0.02)
    }
}
