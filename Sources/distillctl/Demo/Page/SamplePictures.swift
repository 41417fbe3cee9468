import Foundation
import Synthesis

/// One test pair as a page shows it.
struct SamplePicture {
    var label: String
    var isMisleading: Bool
    /// Data addresses of the colour and of the depth picture.
    var colour: String
    var depth: String

    /// Test pairs of the main data set: for each class one with its own and one with another class's
    /// palette, as far as there are any.
    static func chosen(_ setting: DemoSetting, count: Int = 12) -> [SamplePicture] {
        let options = DemoDataset.shapes.options(setting)
        guard let generator = try? SceneGenerator(options),
            let layout = try? DatasetLayouts.named(options.layout)
        else { return [] }
        let test = (0..<options.pairs).filter { generator.split($0) == "test" }
        var seen: Set<String> = []
        var plain: [Int] = []
        var misleading: [Int] = []
        for index in test {
            let identity = generator.identity(index)
            guard seen.insert("\(identity.shape.name) \(identity.contradicting)").inserted else {
                continue
            }
            if identity.contradicting { misleading.append(index) } else { plain.append(index) }
        }
        let chosen = (misleading.prefix(count / 2) + plain).prefix(count)
        return chosen.sorted().map { index in
            let pair = generator.render(index)
            let file = layout.files(
                ofPair: index, colourExtension: options.colourFormat.rawValue)
            let path = "\(DemoDataset.shapes.folder(setting))/\(file.colour)"
            // The file as the daemon read it; rendered anew only if it has gone.
            let colour =
                FileManager.default.contents(atPath: path).map { ("jpeg", $0) }
                ?? (
                    "png",
                    PortableNetworkGraphic.encode(
                        rgb: pair.rgb, width: pair.width, height: pair.height)
                )
            return SamplePicture(
                label: pair.identity.shape.name, isMisleading: pair.contradicting,
                colour: address(colour.1, type: colour.0),
                depth: address(DepthColours.picture(pair), type: "png"))
        }
    }

    private static func address(_ data: Data, type: String) -> String {
        "data:image/\(type);base64,\(data.base64EncodedString())"
    }
}

/// Depth as colour: near is bright, far is dark, no reading is black.
enum DepthColours {
    private static let anchors: [(Double, Double, Double)] = [
        (253, 231, 37), (94, 201, 98), (33, 145, 140), (59, 82, 139), (68, 1, 84),
    ]

    static func picture(_ pair: RenderedPair) -> Data {
        let valid = pair.depthMillimetres.filter { $0 > 0 }
        let (near, far) = (Double(valid.min() ?? 0), Double(valid.max() ?? 1))
        let rgb = pair.depthMillimetres.flatMap { reading -> [UInt8] in
            guard reading > 0 else { return [0, 0, 0] }
            return colour((Double(reading) - near) / max(1, far - near))
        }
        return PortableNetworkGraphic.encode(rgb: rgb, width: pair.width, height: pair.height)
    }

    /// - Parameter position: 0 near to 1 far.
    private static func colour(_ position: Double) -> [UInt8] {
        let scaled = position * Double(anchors.count - 1)
        let index = min(anchors.count - 2, Int(scaled))
        let share = scaled - Double(index)
        let (from, to) = (anchors[index], anchors[index + 1])
        func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8(a + share * (b - a)) }
        return [mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2)]
    }
}
