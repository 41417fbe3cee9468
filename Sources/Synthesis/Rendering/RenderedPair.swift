/// One scene as both cameras see it.
package struct RenderedPair: Sendable, Equatable {
    /// Width and height in pixels.
    package var width: Int
    package var height: Int
    /// 8-bit colour, `[height, width, 3]`.
    package var rgb: [UInt8]
    /// Depth along the optical axis in millimetres, `[height, width]`; 0 = no reading.
    package var depthMillimetres: [UInt16]
    /// The class and the palette of the labelled object, the wall's hue.
    package var identity: SceneIdentity

    /// The index of the shape class, 0 to 9.
    package var label: Int { identity.shape.rawValue }
    /// The index of the wall's hue, 0 to 9.
    package var colour: Int { identity.wall.rawValue }
    /// Whether the object wears another class's palette.
    package var contradicting: Bool { identity.contradicting }
}
