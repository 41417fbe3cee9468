import Catalog
import Configuration

/// Everything that one scan of a data set needs to know beforehand.
struct ScanTask: Sendable {
    /// The data set's absolute folder.
    var root: String
    var manifest: DatasetManifest
    /// Which files can be whose, where a pattern leaves it open.
    var formats: FileFormats
    /// How long a file has to rest before it counts, in milliseconds.
    var settle: Int64
    /// Modalities that the catalog holds files of: the folder of one cannot just be missing.
    var knownModalities: Set<String>
    /// The device that the catalog's files lie on, where it holds any.
    var knownDevice: Int64?
    /// Watches a folder before it is listed.
    var watch: @Sendable (String) -> InotifyMonitor.Verdict
    /// Whether the scan should end at once.
    var isStopped: @Sendable () -> Bool
}

/// What a scan saw.
struct ScanResult: Sendable {
    var findings: [ScanFinding] = []
    var problems: [CatalogProblem] = []
    /// How the findings come to their splits.
    var split: SplitWish?
    /// Whether every folder could be listed, so that what was not found is gone.
    var isComplete = true
    /// By modality's `path` and ending, how many files are of no modality.
    var leftOut: [String: [String: Int]] = [:]
    /// Folders that were listed.
    var folders = 0
    /// Whether some of them could not be watched for want of watches.
    var lacksWatches = false

    /// Adds a problem that hides files: nothing may be dropped after this scan.
    mutating func miss(_ code: String, _ message: String, hint: String = "") {
        isComplete = false
        note(code, message, hint: hint)
    }

    /// Adds a problem that hides nothing; beyond a few of one kind more say nothing new.
    mutating func note(_ code: String, _ message: String, hint: String = "") {
        guard problems.count(where: { $0.code == code }) < 5 else { return }
        problems.append(CatalogProblem(code: code, message: message, hint: hint))
    }
}
