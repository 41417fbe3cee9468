/// The states of a sample, as the catalog and the command line write them.
package enum SampleState {
    /// Every modality is there.
    package static let paired = "paired"
    /// Some of three or more modalities are missing.
    package static let incomplete = "incomplete"
    /// A file of it could not be read; `code` and `reason` say why.
    package static let quarantined = "quarantined"

    /// The state of a sample that only `modality` has, such as `rgb_only`.
    package static func only(_ modality: String) -> String { "\(modality)_only" }

    /// The state that follows from which modalities are there.
    package static func of(present: some Collection<String>, required: [String]) -> String {
        if required.allSatisfy({ present.contains($0) }) { return paired }
        if let modality = present.first, present.count == 1 { return only(modality) }
        return incomplete
    }
}
