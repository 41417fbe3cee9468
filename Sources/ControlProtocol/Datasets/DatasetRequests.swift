package import Foundation

/// Registers a folder; the reply comes when its scan is done unless `wait` is false.
package struct AddDataset: ControlRequest, Codable {
    package typealias Reply = DatasetReply

    /// The absolute folder.
    package var datasetPath: String
    /// Nil: the folder's own name.
    package var name: String?
    /// Nil or `auto`: what dataset.toml says, else what the folder looks like.
    package var layout: String?
    package var wait: Bool

    package init(path: String, name: String? = nil, layout: String? = nil, wait: Bool = true) {
        datasetPath = path
        self.name = name
        self.layout = layout
        self.wait = wait
    }

    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "datasets"] }
    package func body() throws -> Data? { try ControlJSON.encode(self) }

    private enum CodingKeys: String, CodingKey {
        case name, layout, wait
        case datasetPath = "path"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        datasetPath = try values.decode(String.self, forKey: .datasetPath)
        name = try values.decodeIfPresent(String.self, forKey: .name)
        layout = try values.decodeIfPresent(String.self, forKey: .layout)
        wait = try values.decodeIfPresent(Bool.self, forKey: .wait) ?? true
    }
}

package struct ListDatasets: ControlRequest {
    package typealias Reply = DatasetsReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "datasets"] }
}

package struct ShowDataset: ControlRequest {
    package typealias Reply = DatasetReply
    package var name: String
    package init(_ name: String) { self.name = name }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "datasets", name] }
}

/// Looks at every file again; the reply comes when the scan is done.
package struct RescanDataset: ControlRequest {
    package typealias Reply = DatasetReply
    package var name: String
    /// Whether samples are dealt out to train and test anew, also where jobs have used the splits.
    package var dealsAnew: Bool
    package init(_ name: String, dealsAnew: Bool = false) {
        self.name = name
        self.dealsAnew = dealsAnew
    }
    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "datasets", name, "rescan"] }
    package var query: [ControlParameter] {
        ControlParameter.present(("split", dealsAnew ? "anew" : nil))
    }
}

/// Forgets a data set; its files stay where they are.
package struct RemoveDataset: ControlRequest {
    package typealias Reply = RemovedReply
    package var name: String
    package init(_ name: String) { self.name = name }
    package var method: ControlMethod { .delete }
    package var path: [String] { ["v1", "datasets", name] }
}

package struct ListSamples: ControlRequest {
    package typealias Reply = SamplesReply
    package var dataset: String
    /// `paired`, `rgb_only`, `depth_only`, `quarantined`, ...; nil: all.
    package var state: String?
    /// Samples with a greater key only: the `next` of the page before.
    package var after: String?
    /// At most 1,000; nil: 100.
    package var limit: Int?

    package init(
        dataset: String, state: String? = nil, after: String? = nil, limit: Int? = nil
    ) {
        self.dataset = dataset
        self.state = state
        self.after = after
        self.limit = limit
    }

    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "samples"] }
    package var query: [ControlParameter] {
        ControlParameter.present(
            ("dataset", dataset), ("state", state), ("after", after),
            ("limit", limit.map(String.init)))
    }
}

package struct ShowSample: ControlRequest {
    package typealias Reply = SampleReply
    package var id: Int64
    package init(_ id: Int64) { self.id = id }
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "samples", String(id)] }
}

/// Takes samples out of quarantine and has them inspected again.
package struct RetrySamples: ControlRequest, Codable {
    package typealias Reply = RetriedReply
    package var ids: [Int64]
    package init(_ ids: [Int64]) { self.ids = ids }
    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "samples", "retry"] }
    package func body() throws -> Data? { try ControlJSON.encode(self) }

    private enum CodingKeys: String, CodingKey { case ids }
}
