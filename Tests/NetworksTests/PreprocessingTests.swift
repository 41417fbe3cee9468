import Foundation
import Graphs
import Networks
import Tensors
import Testing

@Suite struct PreprocessingTests {
    private func run(_ preprocessing: Preprocessing, _ pixel: [Double]) throws -> [Double] {
        var graph = Graph()
        let input = try graph.input("image", [1, 3, 1, 1])
        graph.output("y", try preprocessing.apply(to: input, in: &graph))
        var interpreter = Interpreter(graph)
        let results = try interpreter.run([
            "image": Tensor(shape: [1, 3, 1, 1], values: pixel)
        ])
        return try #require(results["y"]).values
    }

    @Test func imageNetStandardises() throws {
        let expected = [(1 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, -0.406 / 0.225]
        #expect(isClose(try run(.imageNet, [255, 127.5, 0]), expected, within: 1e-12))
        #expect(isClose(try run(.unit, [255, 127.5, 0]), [1, 0.5, 0], within: 1e-12))
    }

    @Test func channelsAreReversedBeforeMeansApply() throws {
        let caffe = Preprocessing(
            channels: .bgr, scale: 1, mean: [103.939, 116.779, 123.68], deviation: [1, 1, 1])
        let expected = [0 - 103.939, 127.5 - 116.779, 255 - 123.68]
        #expect(isClose(try run(caffe, [255, 127.5, 0]), expected, within: 1e-9))
    }

    @Test func itIsStoredUnderItsFilesKeys() throws {
        let data = try JSONEncoder().encode(Preprocessing.imageNet)
        let text = try #require(String(data: data, encoding: .utf8))
        #expect(text.contains("\"std\""))
        #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == .imageNet)
    }

    @Test(arguments: [
        (Preprocessing(mean: [0, 0]), "mean"), (Preprocessing(deviation: [1, 0, 1]), "std"),
        (Preprocessing(scale: 0), "scale"), (Preprocessing(size: -1), "size"),
    ])
    func mistakesNameTheKey(preprocessing: Preprocessing, key: String) {
        let error = #expect(throws: NetworkError.self) { try preprocessing.validate() }
        #expect(error?.context == key)
    }

    @Test func onlyColourPicturesFit() {
        #expect(throws: NetworkError.self) {
            var graph = Graph()
            let input = try graph.input("image", [1, 1, 4, 4])
            _ = try Preprocessing.unit.apply(to: input, in: &graph)
        }
    }
}
