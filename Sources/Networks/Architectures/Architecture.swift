package import Graphs

/// A family member of networks as a builder of graphs.
///
/// To add one: a file in this folder with a struct that conforms, and one line in
/// `ArchitectureRegistry`. State names follow torchvision's state dicts where the architecture is one of
/// theirs, so that weights can be exchanged.
package protocol Architecture: Sendable {
    /// The name that recipes use, such as `resnet18`.
    var id: String { get }

    /// One sentence for listings.
    var summary: String { get }

    /// Channels of the last feature map.
    var featureChannels: Int { get }

    /// The state that sees the input: the one to adapt when channels differ.
    var inputKernel: String { get }

    /// The weight of the head's last layer, `[classes, features]`: what tells how many classes a file has.
    var headWeight: String { get }

    /// What its published weights want of a picture.
    var preprocessing: Preprocessing { get }

    /// Appends the network's nodes and declares its states.
    ///
    /// Labels `stem`, `layer1` ... `layer4`, `features`, `pooled` and, with a head, `logits`.
    /// - Shapes: input `[batch, channels, height, width]`.
    /// - Throws: `NetworkError.input` for an input of another rank, `GraphError` for an input too small.
    func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps
}

extension Architecture {
    package var preprocessing: Preprocessing { .imageNet }
}

/// What one build of an architecture may vary.
package struct BuildOptions: Sendable, Hashable {
    /// The classes of the head; nil: no head.
    package var classes: Int?
    /// Whether batch normalisation uses the batch's statistics and updates the running ones.
    package var training: Bool
    /// What a batch contributes to the running statistics, as in torch: `new = (1 - m) old + m batch`.
    package var statisticsMomentum: Double
    /// Added to variances before the square root.
    package var normalizationEpsilon: Double

    package init(
        classes: Int?, training: Bool, statisticsMomentum: Double = 0.1,
        normalizationEpsilon: Double = 1e-5
    ) {
        self.classes = classes
        self.training = training
        self.statisticsMomentum = statisticsMomentum
        self.normalizationEpsilon = normalizationEpsilon
    }
}

/// The values of a network that others use.
package struct NetworkTaps: Sendable, Hashable {
    /// The last feature map, `[batch, channels, height, width]`.
    package var features: Value
    /// What the head begins with, `[batch, channels]`: the map's mean over the positions or, of a transformer,
    /// its class token.
    package var pooled: Value
    /// `[batch, classes]`, nil without a head.
    package var logits: Value?

    package init(features: Value, pooled: Value, logits: Value?) {
        self.features = features
        self.pooled = pooled
        self.logits = logits
    }
}
