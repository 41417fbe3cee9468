import Configuration
import Synchronization

/// The manifests that were read last, by folder: an unchanged text is not parsed at every scan.
final class ManifestCache: Sendable {
    private struct Entry {
        var text: String
        var verdict: Result<DatasetManifest, WatchingError>
    }

    private let formats: FileFormats
    private let entries = Mutex<[String: [Entry]]>([:])

    init(formats: FileFormats) { self.formats = formats }

    /// What a manifest's text says.
    ///
    /// - Throws: `WatchingError` where it is wrong, as often as it is asked for.
    func manifest(_ text: String, root: String) throws -> DatasetManifest {
        let known = entries.withLock { $0[root]?.first { $0.text == text } }
        if let known { return try known.verdict.get() }
        let verdict: Result<DatasetManifest, WatchingError>
        do {
            let manifest = try FolderInspector.manifest(text, root: root)
            try formats.check(manifest)
            verdict = .success(manifest)
        } catch let error as WatchingError {
            verdict = .failure(error)
        }
        // The folder's own and the one in force before it: more are never asked for.
        entries.withLock { entries in
            let entry = Entry(text: text, verdict: verdict)
            entries[root] = [entry] + (entries[root] ?? []).prefix(1)
        }
        return try verdict.get()
    }

    /// Forgets what lies below a folder.
    func forget(below folder: String) {
        entries.withLock { entries in
            entries = entries.filter { !FileNames.lies($0.key, within: folder) }
        }
    }
}
