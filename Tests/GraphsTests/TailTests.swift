import Graphs
import Tensors
import Testing

@Suite struct TailTests {
    @Test func whatLiesBehindAValueIsAGraphOfItsOwn() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 2])
        let map = try graph.rectify(x, name: "map")
        let bias = try graph.state("bias", [2], role: .parameter, initializer: .constant(3))
        let y = try graph.add(graph.multiply(map, map), bias)
        let tail = try graph.tail(from: map, input: "map", to: y, output: "y")
        #expect(tail.inputs.map(\.name) == ["map"] && tail.outputs.map(\.name) == ["y"])
        #expect(tail.states.map(\.declaration.name) == ["bias"])
        let bound = try tail.rebound(inputs: ["map": [5, 2]])
        #expect(bound.shape(of: try bound.value(named: "y")) == [5, 2])
    }

    @Test func anotherWayFromTheInputIsRefused() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 2])
        let map = try graph.rectify(x, name: "map")
        let y = try graph.add(map, x)
        let error = #expect(throws: GraphError.self) {
            try graph.tail(from: map, input: "map", to: y, output: "y")
        }
        #expect(error?.code == .unbound && error?.message.contains("`map`") == true)
    }

    @Test func aValueIsItsOwnTail() throws {
        var graph = Graph()
        let x = try graph.rectify(graph.input("x", [1, 2]))
        let tail = try graph.tail(from: x, input: "x", to: x, output: "y")
        #expect(tail.shape(of: try tail.value(named: "y")) == [1, 2])
    }
}
