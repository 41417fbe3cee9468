import Batching
import Modalities
import Testing

@Suite("Resizing as networks want it") struct PictureFramingTests {
    /// A picture of 13 x 9 pixels with no order in it.
    private let picture = DecodedSample(
        channels: 1, height: 9, width: 13,
        values: (0..<117).map { index in
            let (x, y) = (index % 13, index / 13)
            return Float((x * 37 + y * 91 + 17 * x * y) % 256) / 255
        })

    private func resample(
        _ filter: PictureFraming.Filter, _ size: Int, _ box: ViewGeometry = .full
    ) -> [Float] {
        var values = [Float](repeating: 0, count: size * size)
        values.withUnsafeMutableBufferPointer {
            PictureFraming(filter: filter).resample(picture, box: box, size: size, into: $0)
        }
        return values
    }

    private func expect(_ found: [Float], _ golden: [Float], from start: Int = 0) {
        for (index, value) in golden.enumerated() {
            #expect(abs(found[start + index] - value) < 2e-5, "\(index)")
        }
    }

    /// Golden values of Pillow's `resize` in floating point.
    @Test func cubicAndNearestAreThoseOfPillow() {
        expect(
            resample(.bicubic, 5),
            [
                0.355923, 0.568418, 0.552881, 0.260951, 0.643217, 0.593704, 0.508149, 0.470791,
                0.523016, 0.500308, 0.508558, 0.390536, 0.4976, 0.407532, 0.513026, 0.432392,
                0.519325, 0.53993, 0.400454, 0.361163, 0.467436, 0.577007, 0.529795, 0.626472,
                0.572961,
            ])
        expect(
            resample(.nearest, 5),
            [
                0.145098, 0.435294, 0.870588, 0.301961, 0.592157, 0.992157, 0.545098, 0.376471,
                0.207843, 0.764706, 0.835294, 0.654902, 0.886275, 0.113725, 0.937255, 0.678431,
                0.764706, 0.392157, 0.019608, 0.105882, 0.521569, 0.87451, 0.901961, 0.929412,
                0.278431,
            ])
        // Enlarged: row 7 of 20 x 20.
        expect(
            resample(.bicubic, 20),
            [
                0.083371, 0.238215, 0.488225, 0.734014, 0.480493, 0.102828, 0.372366, 0.63886,
                0.737471, 0.273336, 0.163584, 0.487619, 0.78817, 0.70117, 0.187434, 0.307817,
                0.599032, 0.846468, 0.481442, 0.120139,
            ], from: 140)
    }

    @Test func aFlippedBoxIsItsMirrorImage() {
        let box = ViewGeometry(x: 0.2, y: 0.1, width: 0.6, height: 0.8)
        var turned = box
        turned.flip = true
        let (plain, mirrored) = (resample(.bicubic, 6, box), resample(.bicubic, 6, turned))
        for index in 0..<36 { #expect(plain[index] == mirrored[index / 6 * 6 + 5 - index % 6]) }
    }
}
