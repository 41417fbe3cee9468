import Foundation
import Graphs
import Networks
import Tensors
import Testing

@Suite struct NetworkDescriptorTests {
    private func descriptor(classes: [String]) throws -> NetworkDescriptor {
        try NetworkDescriptor(
            architecture: "residual-small", modality: "depth",
            encoding: .init(plugin: "distill.depth", name: "normals", version: "1"),
            input: .init(channels: 3, size: 64), classes: classes)
    }

    @Test func itSurvivesJSON() throws {
        let descriptor = try descriptor(classes: ["cup", "bowl"])
        #expect(descriptor.features.channels == 128)
        let data = try JSONEncoder().encode(descriptor)
        #expect(try JSONDecoder().decode(NetworkDescriptor.self, from: data) == descriptor)
    }

    @Test func itBuildsTheNetworkItDescribes() throws {
        var graph = Graph()
        let input = try graph.input("encoded", [2, 3, 64, 64])
        let taps = try descriptor(classes: ["cup", "bowl"]).build(
            into: &graph, encoded: input, training: false)
        let logits = try #require(taps.logits)
        #expect(graph.shape(of: logits) == [2, 2])
        var headless = Graph()
        let other = try headless.input("encoded", [2, 3, 64, 64])
        #expect(
            try descriptor(classes: []).build(into: &headless, encoded: other, training: false)
                .logits == nil)
    }

    @Test func otherChannelsAreRefused() throws {
        let descriptor = try descriptor(classes: [])
        let error = #expect(throws: NetworkError.self) {
            var graph = Graph()
            let input = try graph.input("encoded", [2, 1, 64, 64])
            _ = try descriptor.build(into: &graph, encoded: input, training: false)
        }
        #expect(error?.message.contains("normals") == true)
        #expect(throws: NetworkError.self) {
            try NetworkDescriptor(
                architecture: "vgg", modality: "depth",
                encoding: .init(plugin: "p", name: "n", version: "1"),
                input: .init(channels: 1, size: 64), classes: [])
        }
    }
}
