import Foundation
import Graphs
import Interchange
import Tensors
import Testing

/// What a graph's output is taken for, and what is asked where nothing tells.
@Suite("What networks answer") struct AnswerTests {
    /// A stem, a map of 16 channels, and whatever follows.
    private func model(
        values: Int = 10, output: String = "output", side: Int = 32,
        finish: (inout Graph, _ map: Value, _ scores: Value) throws -> Value
    ) throws -> Data {
        var graph = Graph()
        var states: [String: Tensor<Float>] = [:]
        func state(_ name: String, _ shape: Shape, _ graph: inout Graph) throws -> Value {
            let numbers = SmallGraphs.numbers(shape, seed: UInt64(name.count)).map { Float($0) }
            states[name] = numbers
            return try graph.state(
                name, shape, role: .parameter, initializer: .values(numbers))
        }
        let input = try graph.input("image", [1, 3, side, side])
        var map = input
        for (name, channels, before) in [("a", 8, 3), ("b", 16, 8)] {
            let weight = try state("\(name).weight", [channels, before, 3, 3], &graph)
            map = try graph.rectify(
                graph.convolve(
                    map, weight: weight, strides: [2, 2], padding: Padding(1), name: name))
        }
        let pooled = try graph.reduce(.mean, map, axes: [2, 3], keepDimensions: false)
        let scores = try graph.multiplyMatrices(
            pooled, state("fc.weight", [values, 16], &graph), transposeRight: true)
        graph.output(output, try finish(&graph, map, scores))
        return try ONNXExporter().encode(
            graph, states: states.merging(SmallGraphs.states(graph)) { first, _ in first })
    }

    private func read(
        _ data: Data, _ reading: ModelReading = ModelReading()
    ) throws -> ImportedModel {
        try ONNXImporter(ImportOptions(reading: reading)).model(from: data)
    }

    private func refusal(
        _ data: Data, _ reading: ModelReading = ModelReading()
    ) -> InterchangeError? {
        do {
            _ = try read(data, reading)
            return nil
        } catch { return error as? InterchangeError }
    }

    /// The logits of a model and the values of its dense layer, both of one picture.
    private func agree(_ data: Data, _ task: ModelTask) throws {
        let model = try read(data)
        #expect(model.reading?.task == task)
        let logits = try #require(model.logits)
        let plain = try read(self.model { $2 })
        let picture = SmallGraphs.numbers([1, 3, 32, 32], seed: 5)
        func values(_ model: ImportedModel, _ value: Value) throws -> [Double] {
            var graph = model.graph
            graph.output("wanted", value)
            var interpreter = Interpreter(
                graph, states: model.states.mapValues { $0.map { Double($0) } })
            return try interpreter.run([graph.inputs[0].name: picture])["wanted"]?.values ?? []
        }
        let (found, expected) = (
            try values(model, logits), try values(plain, try #require(plain.logits))
        )
        #expect(found.count == 10)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func aDenseLayerOfAUsualNumberOfClassesIsAClassifier() throws {
        try agree(model { $2 }, .classifier)
    }

    @Test func probabilitiesAreTurnedBackIntoScores() throws {
        try agree(model { try $0.softmax($2, axis: 1) }, .classifier)
        try agree(model { try $0.logSoftmax($2, axis: 1) }, .classifier)
        try agree(
            model { graph, _, x in
                try graph.affine(graph.softmax(x, axis: 1), scale: 100, offset: 0)
            }, .classifier)
        try agree(
            model { graph, _, x in
                try graph.clip(graph.softmax(x, axis: 1), minimum: 1e-6, maximum: 1 - 1e-6)
            }, .classifier)
        // By hand, with and without the maximum.
        try agree(
            model { graph, _, x in
                let top = try graph.reduce(.maximum, x, axes: [1], keepDimensions: true)
                let exponential = try graph.unary(.exp, graph.subtract(x, top))
                return try graph.divide(
                    exponential,
                    graph.reduce(.sum, exponential, axes: [1], keepDimensions: true))
            }, .classifier)
        try agree(
            model { graph, _, x in
                let exponential = try graph.unary(.exp, x)
                return try graph.divide(
                    exponential,
                    graph.reduce(.sum, exponential, axes: [1], keepDimensions: true))
            }, .classifier)
        try agree(model { graph, _, x in try graph.unary(.sigmoid, x) }, .multiLabel)
        try agree(
            model { graph, _, x in
                let power = try graph.unary(.exp, graph.negate(x))
                return try graph.reciprocal(graph.affine(power, scale: 1, offset: 1))
            }, .multiLabel)
    }

    /// What changes the order of classes, or belongs to each of them, is no probability that can be taken back.
    @Test func probabilitiesThatWereTurnedOrWeighedAreNotUndone() throws {
        let turned = try model { graph, _, x in
            try graph.affine(graph.softmax(x, axis: 1), scale: -1, offset: 1)
        }
        let weighed = try model { graph, _, x in
            let prior = try graph.constant(
                Tensor(shape: [1, 10], values: (1...10).map { Double($0) / 55 }))
            return try graph.multiply(graph.softmax(x, axis: 1), prior)
        }
        let overBatch = try model { graph, _, x in try graph.softmax(x, axis: 0) }
        let pixels = try model { graph, _, x in
            try graph.affine(graph.unary(.sigmoid, x), scale: 224, offset: 0)
        }
        for data in [turned, weighed, overBatch, pixels] {
            #expect(refusal(data)?.code == .undecided)
        }
    }

    @Test func twoHeadsMayAnswerTogether() throws {
        let data = try model { graph, map, x in
            let other = try graph.reduce(.mean, map, axes: [2, 3], keepDimensions: false)
            let numbers = SmallGraphs.numbers([10, 16], seed: 77).map { Float($0) }
            let weight = try graph.state(
                "fc.weight2", [10, 16], role: .parameter, initializer: .values(numbers))
            let second = try graph.multiplyMatrices(other, weight, transposeRight: true)
            return try graph.affine(graph.add(x, second), scale: 0.5, offset: 0)
        }
        #expect(try read(data).reading?.task == .classifier)
    }

    @Test func placesAndAnglesAreNoClasses() throws {
        for name in ["landmarks", "pred_pose", "box_regression"] {
            #expect(refusal(try model(output: name) { $2 })?.code == .undecided, "\(name)")
        }
        let told = try read(model { $2 })
        #expect(told.notes.contains { $0.contains("usual number of classes") })
    }

    @Test func aVectorThatMayBeEitherIsAskedFor() throws {
        let data = try model(values: 64) { $2 }
        let error = try #require(refusal(data))
        #expect(error.code == .undecided)
        #expect(error.hint.contains("--task classifier") && error.hint.contains("--task embedding"))
        #expect(error.message.contains("64"))
        #expect(try read(data, ModelReading(task: .classifier)).logits != nil)
        let embedding = try read(data, ModelReading(task: .embedding))
        #expect(embedding.logits == nil)
        #expect(embedding.vector.map { embedding.graph.shape(of: $0) } == [1, 64])
        // Names and words are evidence.
        #expect(try read(data, ModelReading(namedClasses: 64)).reading?.task == .classifier)
        #expect(
            try read(model(values: 64, output: "logits") { $2 }).reading?.task == .classifier)
        #expect(
            try read(model(values: 64, output: "image_embeds") { $2 }).reading?.task == .embedding)
    }

    @Test func encodersKeepTheirMapAndVector() throws {
        let pooled = try read(
            model { graph, map, _ in
                try graph.reduce(.mean, map, axes: [2, 3], keepDimensions: false)
            })
        #expect(pooled.reading?.task == .embedding && pooled.logits == nil)
        #expect(pooled.features.map { pooled.graph.shape(of: $0) } == [1, 16, 8, 8])
        #expect(pooled.vector.map { pooled.graph.shape(of: $0) } == [1, 16])
        #expect(pooled.notes.contains { $0.contains("embedding") })
        let map = try read(model { graph, map, _ in map })
        #expect(map.reading?.task == .embedding)
        #expect(map.features.map { map.graph.shape(of: $0) } == [1, 16, 8, 8])
        let normalized = try read(
            model(values: 64) { graph, _, x in
                let square = try graph.reduce(
                    .sum, graph.unary(.square, x), axes: [1], keepDimensions: true)
                return try graph.divide(x, graph.unary(.squareRoot, square))
            })
        #expect(normalized.reading?.task == .embedding)
        #expect(normalized.vector.map { normalized.graph.shape(of: $0) } == [1, 64])
    }

    /// Patches of 8 pixels as tokens, a class token before them, normalised: DINOv2, CLIP's and SigLIP's towers.
    private func transformer(
        pooler: Bool, classToken: Bool = true
    ) throws -> (data: Data, states: Int) {
        var graph = Graph()
        var states: [String: Tensor<Float>] = [:]
        func state(_ name: String, _ shape: Shape) throws -> Value {
            let numbers = SmallGraphs.numbers(shape, seed: UInt64(name.count) + 40).map {
                Float($0)
            }
            states[name] = numbers
            return try graph.state(
                name, shape, role: .parameter, initializer: .values(numbers))
        }
        let input = try graph.input("pixel_values", [1, 3, 32, 32])
        let patches = try graph.convolve(
            input, weight: try state("patch.weight", [24, 3, 8, 8]), strides: [8, 8], name: "patch")
        let flat = try graph.reshape(patches, [.copy(0), .copy(1), .size(16)])
        var tokens = try graph.transpose(flat, [0, 2, 1])
        if classToken {
            let token = try graph.repeatForBatch(try state("cls", [1, 24]), of: tokens)
            let row = try graph.reshape(token, [.copy(0), .size(1), .copy(1)])
            tokens = try graph.concatenate([row, tokens], axis: 1)
        }
        let last = try graph.normalizeLayer(
            tokens, scale: try state("norm.weight", [24]), offset: try state("norm.bias", [24]))
        graph.output("last_hidden_state", last)
        if pooler {
            let first = try graph.slice(last, axis: 1, start: 0, length: 1)
            let row = try graph.reshape(first, [.copy(0), .copy(2)])
            let vector = try graph.multiplyMatrices(
                row, try state("pooler.weight", [24, 24]), transposeRight: true)
            graph.output("pooler_output", try graph.unary(.tanh, vector))
        }
        return (try ONNXExporter().encode(graph, states: states), states.count)
    }

    @Test func towersGiveTokensAsAMapAndAVector() throws {
        for (pooler, classToken) in [(true, true), (false, true), (false, false)] {
            let model = try read(transformer(pooler: pooler, classToken: classToken).data)
            #expect(model.reading?.task == .embedding && model.logits == nil)
            #expect(model.features.map { model.graph.shape(of: $0) } == [1, 24, 4, 4])
            #expect(
                model.vector.map { model.graph.shape(of: $0) }
                    == (pooler || classToken ? [1, 24] : nil))
        }
    }

    @Test func severalOutputsAreChosenFromAndTold() throws {
        var graph = Graph()
        let input = try graph.input("image", [1, 3, 16, 16])
        var states: [String: Tensor<Float>] = [:]
        func state(_ name: String, _ shape: Shape) throws -> Value {
            let numbers = SmallGraphs.numbers(shape, seed: 3).map { Float($0) }
            states[name] = numbers
            return try graph.state(
                name, shape, role: .parameter, initializer: .values(numbers))
        }
        let map = try graph.convolve(
            input, weight: try state("w", [8, 3, 3, 3]), strides: [2, 2], padding: Padding(1))
        let pooled = try graph.reduce(.mean, map, axes: [2, 3], keepDimensions: false)
        func dense(_ name: String, _ count: Int) throws -> Value {
            try graph.multiplyMatrices(
                pooled, try state(name, [count, 8]), transposeRight: true)
        }
        graph.output("feat", map)
        graph.output("aux", try dense("aux.w", 100))
        graph.output("main", try dense("main.w", 10))
        let data = try ONNXExporter().encode(graph, states: states)
        let model = try read(data)
        #expect(model.reading?.output == "main" && model.reading?.task == .classifier)
        #expect(model.notes.contains { $0.contains("`aux`") && $0.contains("--output") })
        #expect(try read(data, ModelReading(output: "aux")).reading?.output == "aux")
        let wrong = try #require(refusal(data, ModelReading(output: "mian")))
        #expect(wrong.code == .unknownName && wrong.hint.contains("`main`"))
        let map8 = try read(data, ModelReading(output: "feat"))
        #expect(map8.reading?.task == .embedding)
    }

    @Test func detectorsAndSegmentersGetNoTapByChance() throws {
        // Two scales of cells, joined: boxes and classes.
        let boxes = try model { graph, map, _ in
            let coarse = try graph.averagePool(map, window: [2, 2], strides: [2, 2])
            let cells = try [map, coarse].map { map -> Value in
                let shape = graph.shape(of: map)
                return try graph.reshape(
                    map, [.copy(0), .copy(1), .size(shape[2] * shape[3])])
            }
            return try graph.concatenate(cells, axis: 2)
        }
        let error = try #require(refusal(boxes))
        #expect(error.code == .undecided && error.hint.contains("--task detector"))
        #expect(error.hint.contains("[1, 16, 8, 8]"), "\(error.hint)")
        let unnamed = try #require(refusal(boxes, ModelReading(task: .detector)))
        #expect(unnamed.hint.contains("--features"))
        let named = try read(boxes, ModelReading(task: .detector, features: "b"))
        #expect(named.logits == nil)
        #expect(named.features.map { named.graph.shape(of: $0) } == [1, 16, 8, 8])
        let enlarged = try model { graph, map, _ in
            try graph.resize(map, height: 32, width: 32, mode: .bilinear)
        }
        #expect(refusal(enlarged)?.hint.contains("--task segmenter") == true)
        let scores = try #require(refusal(boxes, ModelReading(task: .classifier)))
        #expect(scores.code == .undecided)
        let stranger = try #require(
            refusal(boxes, ModelReading(task: .detector, features: "bb")))
        #expect(stranger.code == .unknownName)
    }
}
