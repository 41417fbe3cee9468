import Graphs
import Networks
import Tensors
import Testing

@Suite struct StateDictionaryTests {
    /// The names of `torchvision.models.resnet18().state_dict()` without `num_batches_tracked`.
    @Test func resNet18HasTorchvisionsNamesAndShapes() throws {
        let (graph, _) = try ArchitectureTests.graph(
            ResidualNetwork.resnet18, input: [1, 3, 224, 224], classes: 1000)
        let declared = graph.states.map {
            let extents = $0.declaration.shape.dimensions.map(String.init)
            return "\($0.declaration.name) \(extents.joined(separator: "x"))"
        }
        #expect(declared.sorted() == Self.resNet18.split(separator: "\n").map(String.init).sorted())
    }

    /// Torchvision's and, of the transformer, timm's counts of tensors without `num_batches_tracked`.
    @Test(arguments: [
        ("resnet34", 182), ("resnet50", 267), ("mobilenet_v2", 262), ("mobilenet_v3_small", 210),
        ("convnext_tiny", 182), ("vit_tiny", 152),
    ])
    func numbersOfTensors(id: String, count: Int) throws {
        let (graph, _) = try ArchitectureTests.graph(
            try ArchitectureRegistry.architecture(id), input: [1, 3, 64, 64], classes: 1000)
        #expect(graph.states.count == count)
    }

    private static let resNet18 = """
        conv1.weight 64x3x7x7
        bn1.weight 64
        bn1.bias 64
        bn1.running_mean 64
        bn1.running_var 64
        layer1.0.conv1.weight 64x64x3x3
        layer1.0.bn1.weight 64
        layer1.0.bn1.bias 64
        layer1.0.bn1.running_mean 64
        layer1.0.bn1.running_var 64
        layer1.0.conv2.weight 64x64x3x3
        layer1.0.bn2.weight 64
        layer1.0.bn2.bias 64
        layer1.0.bn2.running_mean 64
        layer1.0.bn2.running_var 64
        layer1.1.conv1.weight 64x64x3x3
        layer1.1.bn1.weight 64
        layer1.1.bn1.bias 64
        layer1.1.bn1.running_mean 64
        layer1.1.bn1.running_var 64
        layer1.1.conv2.weight 64x64x3x3
        layer1.1.bn2.weight 64
        layer1.1.bn2.bias 64
        layer1.1.bn2.running_mean 64
        layer1.1.bn2.running_var 64
        layer2.0.conv1.weight 128x64x3x3
        layer2.0.bn1.weight 128
        layer2.0.bn1.bias 128
        layer2.0.bn1.running_mean 128
        layer2.0.bn1.running_var 128
        layer2.0.conv2.weight 128x128x3x3
        layer2.0.bn2.weight 128
        layer2.0.bn2.bias 128
        layer2.0.bn2.running_mean 128
        layer2.0.bn2.running_var 128
        layer2.0.downsample.0.weight 128x64x1x1
        layer2.0.downsample.1.weight 128
        layer2.0.downsample.1.bias 128
        layer2.0.downsample.1.running_mean 128
        layer2.0.downsample.1.running_var 128
        layer2.1.conv1.weight 128x128x3x3
        layer2.1.bn1.weight 128
        layer2.1.bn1.bias 128
        layer2.1.bn1.running_mean 128
        layer2.1.bn1.running_var 128
        layer2.1.conv2.weight 128x128x3x3
        layer2.1.bn2.weight 128
        layer2.1.bn2.bias 128
        layer2.1.bn2.running_mean 128
        layer2.1.bn2.running_var 128
        layer3.0.conv1.weight 256x128x3x3
        layer3.0.bn1.weight 256
        layer3.0.bn1.bias 256
        layer3.0.bn1.running_mean 256
        layer3.0.bn1.running_var 256
        layer3.0.conv2.weight 256x256x3x3
        layer3.0.bn2.weight 256
        layer3.0.bn2.bias 256
        layer3.0.bn2.running_mean 256
        layer3.0.bn2.running_var 256
        layer3.0.downsample.0.weight 256x128x1x1
        layer3.0.downsample.1.weight 256
        layer3.0.downsample.1.bias 256
        layer3.0.downsample.1.running_mean 256
        layer3.0.downsample.1.running_var 256
        layer3.1.conv1.weight 256x256x3x3
        layer3.1.bn1.weight 256
        layer3.1.bn1.bias 256
        layer3.1.bn1.running_mean 256
        layer3.1.bn1.running_var 256
        layer3.1.conv2.weight 256x256x3x3
        layer3.1.bn2.weight 256
        layer3.1.bn2.bias 256
        layer3.1.bn2.running_mean 256
        layer3.1.bn2.running_var 256
        layer4.0.conv1.weight 512x256x3x3
        layer4.0.bn1.weight 512
        layer4.0.bn1.bias 512
        layer4.0.bn1.running_mean 512
        layer4.0.bn1.running_var 512
        layer4.0.conv2.weight 512x512x3x3
        layer4.0.bn2.weight 512
        layer4.0.bn2.bias 512
        layer4.0.bn2.running_mean 512
        layer4.0.bn2.running_var 512
        layer4.0.downsample.0.weight 512x256x1x1
        layer4.0.downsample.1.weight 512
        layer4.0.downsample.1.bias 512
        layer4.0.downsample.1.running_mean 512
        layer4.0.downsample.1.running_var 512
        layer4.1.conv1.weight 512x512x3x3
        layer4.1.bn1.weight 512
        layer4.1.bn1.bias 512
        layer4.1.bn1.running_mean 512
        layer4.1.bn1.running_var 512
        layer4.1.conv2.weight 512x512x3x3
        layer4.1.bn2.weight 512
        layer4.1.bn2.bias 512
        layer4.1.bn2.running_mean 512
        layer4.1.bn2.running_var 512
        fc.weight 1000x512
        fc.bias 1000
        """
}
