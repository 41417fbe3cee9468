package import Catalog

/// How the watching is done.
package struct WatchSettings: Sendable, Equatable {
    /// Folders below which every folder with a dataset.toml is a data set; absolute.
    package var roots: [String]
    /// How long a file has to rest before it counts, in milliseconds.
    package var settle: Int64 = 2_000
    /// How often folders that cannot be watched, or are not there, are looked through.
    package var pollInterval = Duration.seconds(30)
    /// How often everything is looked through, whatever inotify said; up to a tenth more by chance.
    package var rescanInterval = Duration.seconds(3_600)
    /// How long `rescan` and `add` wait for files that are still being written.
    package var patience = Duration.seconds(30)
    /// How often the service looks at its own clocks, in milliseconds.
    package var tick: Int32 = 1_000
    /// Which files can be whose: what the plugins read.
    package var formats = FileFormats.usual
    /// At most so many watches; nil: as many as the system allows.
    package var maximumWatches: Int?

    /// The settings for the given roots.
    package init(roots: [String]) { self.roots = roots }
}

/// What came of adding a folder.
package struct AddedDataset: Sendable {
    package var dataset: CatalogDataset
    package var summary: ScanSummary
}
