import CKernels
import COneDNN
import Graphs
import Tensors

extension distill_depthwise {
    /// Nil unless every channel is convolved with one window of its own and nothing is added.
    init?(_ options: distill_convolution_options) {
        let shape = options.shape
        guard shape.groups == shape.inputs, shape.outputs == shape.inputs, shape.groups > 1,
            options.adds_output == 0
        else { return nil }
        self.init(
            batch: shape.batch, channels: shape.inputs, height: shape.height, width: shape.width,
            out_height: shape.out_height, out_width: shape.out_width, kernel: shape.kernel,
            stride: shape.stride, dilation: shape.dilation, pad_top: shape.pad_top,
            pad_left: shape.pad_left)
    }
}

/// A convolution of every channel with a window of its own, or one of its gradients, on our own loops: oneDNN's
/// gradient by the weights is several times slower on small maps in bfloat16.
final class DepthwiseKernel: Kernel {
    private enum Function {
        case forward(hasBias: Bool, rectifies: Bool)
        case inputGradient
        case weightGradient
    }

    let demands: KernelDemands
    private var shape: distill_depthwise
    private let function: Function
    private let half: Int32

    private init(_ shape: distill_depthwise, _ function: Function, half: Bool) {
        self.shape = shape
        self.function = function
        self.half = half ? 1 : 0
        let image: Layout = half ? .bfloat16 : .standard
        var shape = shape
        let scratch = Int(distill_depthwise_scratch(&shape))
        switch function {
        case .forward(let hasBias, _):
            demands = KernelDemands(
                inputLayouts: [image, .standard] + (hasBias ? [.standard] : []),
                outputLayouts: [image], scratchBytes: scratch)
        case .inputGradient:
            demands = KernelDemands(
                inputLayouts: [image, .standard, .standard], outputLayouts: [image],
                scratchBytes: scratch)
        case .weightGradient:
            demands = KernelDemands(
                inputLayouts: [image, image, .standard], scratchBytes: scratch)
        }
    }

    static func forward(_ options: distill_convolution_options) -> DepthwiseKernel? {
        distill_depthwise(options).map {
            DepthwiseKernel(
                $0, .forward(hasBias: options.has_bias != 0, rectifies: options.rectifies != 0),
                half: options.half != 0)
        }
    }

    static func inputGradient(_ options: distill_convolution_options) -> DepthwiseKernel? {
        distill_depthwise(options).map {
            DepthwiseKernel($0, .inputGradient, half: options.half != 0)
        }
    }

    static func weightGradient(_ options: distill_convolution_options) -> DepthwiseKernel? {
        distill_depthwise(options).map {
            DepthwiseKernel($0, .weightGradient, half: options.half != 0)
        }
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        let output = operands.outputs[0]
        switch function {
        case .forward(let hasBias, let rectifies):
            distill_depthwise_forward(
                &shape, half, inputs[0], inputs[1], hasBias ? UnsafePointer(inputs[2]) : nil,
                rectifies ? 0 : -.infinity, .infinity, output, operands.scratch)
        case .inputGradient:
            distill_depthwise_input_gradient(
                &shape, half, inputs[0], inputs[1], output, operands.scratch)
        case .weightGradient:
            distill_depthwise_weight_gradient(
                &shape, half, inputs[0], inputs[1], output, operands.scratch)
        }
    }
}
