import Catalog
import ControlProtocol

/// Files of one data set that are looked at together.
struct InspectionBatch: Sendable {
    let root: String
    let manifest: String
    let surroundings: WorkerSurroundings
    let items: [InspectionPlan.Item]
    private let files: [InspectionPlan.FileName: UninspectedFile]

    init(
        files: [UninspectedFile], root: String, manifest: String, surroundings: WorkerSurroundings
    ) {
        self.root = root
        self.manifest = manifest
        self.surroundings = surroundings
        items = files.map {
            InspectAssignment.Item(id: $0.sample, modality: $0.modality, path: $0.path)
        }
        self.files = Dictionary(
            files.map {
                (InspectionPlan.FileName(sample: $0.sample, modality: $0.modality), $0)
            }, uniquingKeysWith: { $1 })
    }

    func file(sample: Int64, modality: String) -> UninspectedFile? {
        files[InspectionPlan.FileName(sample: sample, modality: modality)]
    }

    func assignment(_ items: [InspectionPlan.Item], full: Bool) -> InspectAssignment {
        InspectAssignment(
            root: root, manifest: manifest, items: items, full: full, surroundings: surroundings)
    }
}
