import Catalog
import Configuration
import Foundation
import Synchronization

/// The labels files that were read last, so that an unchanged one is not read again.
final class LabelsCache: Sendable {
    private struct Entry {
        var stamp: FileStamp
        var settings: DatasetManifest.Labels
        var labels: DatasetLabels
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The labels in `path`.
    ///
    /// - Throws: `ConfigurationError` or `SystemFailure`.
    func labels(_ path: String, _ settings: DatasetManifest.Labels) throws -> DatasetLabels {
        guard let facts = FileFacts(path) else { throw SystemFailure("read", path) }
        let known = entries.withLock { $0[path] }
        if let known, known.stamp == facts.stamp, known.settings == settings { return known.labels }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SystemFailure("read", path, number: errno == 0 ? EIO : errno)
        }
        let labels = try DatasetLabels(
            csv: TextEncoding.text(of: data, file: path), file: path, labels: settings)
        entries.withLock {
            $0[path] = Entry(stamp: facts.stamp, settings: settings, labels: labels)
        }
        return labels
    }

    /// Forgets what lies below a folder.
    func forget(below folder: String) {
        entries.withLock { entries in
            entries = entries.filter { !FileNames.lies($0.key, within: folder) }
        }
    }
}
