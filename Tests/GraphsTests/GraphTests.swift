import Graphs
import Tensors
import Testing

@Suite struct GraphTests {
    // MARK: Names

    @Test func scopesJoinNames() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 1, 2, 2])
        let tap = try graph.scoped("layer1") { graph in
            let weight = try graph.scoped("conv") {
                try $0.state("weight", [1, 1, 1, 1], role: .parameter, initializer: .constant(2))
            }
            let y = try graph.convolve(x, weight: weight, name: "conv")
            graph.label(y, "out")
            return y
        }
        #expect(graph.states.map(\.declaration.name) == ["layer1.conv.weight"])
        #expect(try graph.value(named: "layer1.out") == tap)
        #expect(try graph.value(named: "layer1.conv") == tap)
        #expect(graph.node(of: tap).name == "layer1.conv")
    }

    @Test func namesOfNodesAreUnique() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        for _ in 0..<3 { _ = try graph.rectify(x, name: "relu") }
        _ = try graph.negate(x)
        _ = try graph.negate(x)
        #expect(Set(graph.nodes.map(\.name)).count == graph.nodes.count)
    }

    @Test func refusesTwoInputsOfOneName() throws {
        var graph = Graph()
        _ = try graph.input("x", [2])
        let error = #expect(throws: GraphError.self) { try graph.input("x", [2]) }
        #expect(error?.code == .duplicateName && error?.node == "x")
    }

    @Test func aStateIsSharedByName() throws {
        var graph = Graph()
        let first = try graph.state("w", [2], role: .parameter, initializer: .constant(0))
        #expect(try graph.state("w", [2], role: .parameter, initializer: .constant(0)) == first)
        let error = #expect(throws: GraphError.self) {
            try graph.state("w", [3], role: .parameter, initializer: .constant(0))
        }
        #expect(error?.code == .duplicateName)
        #expect(error?.message.contains("[3]") == true && error?.message.contains("[2]") == true)
    }

    @Test func suggestsNamesNearby() throws {
        var graph = Graph()
        let x = try graph.input("image", [2])
        graph.label(x, "layer3")
        graph.label(x, "layer4")
        let error = #expect(throws: GraphError.self) { try graph.value(named: "layr4") }
        #expect(error?.code == .unknownName)
        #expect(error?.message.contains("did you mean layer4, layer3?") == true)
        let far = #expect(throws: GraphError.self) { try graph.value(named: "somewhere.else") }
        #expect(far?.message.contains("did you mean") == false)
    }

    @Test func measuresEdits() {
        #expect(NearestName.distance("kitten", "sitting") == 3)
        #expect(NearestName.distance("", "abc") == 3)
        #expect(NearestName.suggestions(for: "epochs", among: ["epoch", "batch"]) == ["epoch"])
    }

    // MARK: Rebinding

    @Test func bindsToAnotherBatch() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 2, 4, 4])
        let weight = try graph.state(
            "w", [3, 2, 3, 3], role: .parameter, initializer: .constant(1))
        let bias = try graph.state("b", [1, 48], role: .parameter, initializer: .constant(1))
        let y = try graph.flatten(graph.convolve(x, weight: weight, padding: Padding(1)))
        let joined = try graph.concatenate([graph.add(y, bias), y], axis: 0)
        let loss = try graph.reduce(.mean, graph.square(joined))
        graph.output("loss", loss)
        let flows = try graph.gradients(of: loss, for: [weight, bias, x])
        for (name, flow) in zip(["w", "b", "x"], flows) {
            graph.output("d\(name)", try #require(flow))
        }

        let larger = try graph.rebound(inputs: ["x": [5, 2, 4, 4]])
        #expect(larger.shape(of: joined) == [10, 48])
        #expect(graph.shape(of: joined) == [2, 48])
        #expect(try larger.shape(of: larger.value(named: "db")) == [1, 48])

        // The larger batch must give what a graph built for it gives, even from a batch of one.
        var generator = SeededGenerator(seed: 11)
        let states = [
            "w": Operand.normal([3, 2, 3, 3]).draw(&generator),
            "b": Operand.normal([1, 48]).draw(&generator),
        ]
        let image = Operand.normal([5, 2, 4, 4]).draw(&generator)
        var whole = Interpreter(larger, states: states)
        let together = try whole.run(["x": image])
        var sum = 0.0
        for index in 0..<5 {
            var single = Interpreter(graph, states: states)
            let part = Tensor(
                shape: [1, 2, 4, 4], values: Array(image.values[(32 * index)..<(32 * (index + 1))]))
            sum += try #require(try single.run(["x": part])["loss"]).values[0]
        }
        #expect(abs(sum / 5 - together["loss"]!.values[0]) < 1e-9)
    }

    @Test func namesTheNodeThatCannotBeRebound() throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3])
        let bias = try graph.state("b", [2, 3], role: .parameter, initializer: .constant(0))
        _ = try graph.add(Binary(.add), x, bias, name: "sum")
        let error = #expect(throws: GraphError.self) {
            try graph.rebound(inputs: ["x": [4, 3]])
        }
        #expect(error?.node == "sum")
        let unknown = #expect(throws: GraphError.self) {
            try graph.rebound(inputs: ["y": [4, 3]])
        }
        #expect(unknown?.code == .unknownName && unknown?.node == "y")
    }

    // MARK: States

    @Test func replacesStatesAtTheEndOfARun() throws {
        var graph = Graph()
        let a = try graph.state("a", [], role: .memory, initializer: .constant(0))
        let b = try graph.state("b", [], role: .memory, initializer: .constant(0))
        // Fibonacci: both read the values from before the run.
        try graph.replace(state: "a", with: b)
        try graph.replace(state: "b", with: graph.add(a, b))
        graph.output("seen", b)
        var interpreter = Interpreter(
            graph, states: ["a": Tensor(scalar: 0), "b": Tensor(scalar: 1)])
        var seen: [Double] = []
        for _ in 0..<6 { seen.append(try interpreter.run()["seen"]!.values[0]) }
        #expect(seen == [1, 1, 2, 3, 5, 8])
        #expect(interpreter.states["a"]?.values == [8])
    }

    @Test func refusesReplacementsThatDoNotFit() throws {
        var graph = Graph()
        let a = try graph.state("a", [2], role: .memory, initializer: .constant(0))
        let sum = try graph.reduce(.sum, a)
        let shape = #expect(throws: GraphError.self) { try graph.replace(state: "a", with: sum) }
        #expect(shape?.code == .shape && shape?.node == "a")
        let unknown = #expect(throws: GraphError.self) { try graph.replace(state: "z", with: a) }
        #expect(unknown?.code == .unknownName)
    }

    @Test func saysWhatIsNotBound() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let w = try graph.state("w", [2], role: .parameter, initializer: .constant(0))
        graph.output("y", try graph.add(x, w))
        var interpreter = Interpreter(graph)
        let input = #expect(throws: GraphError.self) { try interpreter.run() }
        #expect(input?.code == .unbound && input?.node == "x")
        let wrong = #expect(throws: GraphError.self) { try interpreter.run(["x": counting([3])]) }
        #expect(wrong?.message.contains("[3]") == true && wrong?.message.contains("[2]") == true)
        let state = #expect(throws: GraphError.self) { try interpreter.run(["x": counting([2])]) }
        #expect(state?.node == "w")
    }

    // MARK: Inlining

    @Test func inlinesUnderAPrefix() throws {
        var teacher = Graph()
        let image = try teacher.input("image", [2])
        let w = try teacher.state("w", [2], role: .parameter, initializer: .constant(0))
        let feature = try teacher.multiply(image, w)
        teacher.label(feature, "feature")
        teacher.output("logits", try teacher.square(feature))

        var graph = Graph()
        let x = try graph.input("x", [2])
        let named = try graph.scoped("run") {
            try $0.inline(teacher, inputs: ["image": x], prefix: "teacher")
        }
        graph.output("y", try #require(named["logits"]))
        #expect(graph.states.map(\.declaration.name) == ["run.teacher.w"])
        #expect(try graph.value(named: "run.teacher.feature") == named["feature"])
        var interpreter = Interpreter(graph, states: ["run.teacher.w": tensor([2], 3, 4)])
        #expect(try interpreter.run(["x": tensor([2], 1, 2)])["y"]?.values == [9, 64])

        let error = #expect(throws: GraphError.self) { try graph.inline(teacher, inputs: [:]) }
        #expect(error?.code == .unbound && error?.node == "image")
    }
}
