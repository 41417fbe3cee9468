/// Decode a spread sample of pairs and say what they look like; answered by a `DatasetSurvey`.
package struct SurveyAssignment: Codable, Sendable {
    package var root: String
    package var manifest: String
    /// By modality, relative to the root.
    package var pairs: [[String: String]]
    /// Two samples each, one of test and one of train, that stand beside each other.
    package var neighbours: [[[String: String]]]
    package var surroundings: WorkerSurroundings

    package init(
        root: String, manifest: String, pairs: [[String: String]],
        neighbours: [[[String: String]]] = [], surroundings: WorkerSurroundings
    ) {
        self.root = root
        self.manifest = manifest
        self.pairs = pairs
        self.neighbours = neighbours
        self.surroundings = surroundings
    }
}
