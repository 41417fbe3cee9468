import Catalog
import Configuration
import Foundation
import Logging

extension WatchService {
    /// Looks below the roots for folders with a manifest and takes up those that are new.
    func discover() async {
        let began = ContinuousClock.now
        discoveryDue = nil
        let (roots, monitor, flags) = (settings.roots, monitor, flags)
        let found = try? await Blocking.run {
            Discovery.walk(roots, watch: { _ = monitor.watch($0) }, isStopped: { flags.isStopped })
        }
        var needsAnother = found?.isIncomplete ?? true
        var problems: [String: CatalogProblem] = found?.problems ?? [:]
        for root in found?.datasets ?? [] where !flags.isStopped {
            do {
                try await takeUp(root)
            } catch let error as WatchingError {
                problems[root] = CatalogProblem(
                    code: error.code.rawValue, message: error.message, hint: error.hint)
            } catch {
                logger.warning("\(root): \(error)")
                needsAnother = true
            }
        }
        for (root, problem) in problems where discoveryProblems[root] != problem {
            logger.warning("\(problem.message); \(problem.hint)")
        }
        discoveryProblems = problems
        let now = ContinuousClock.now
        discoveryNotBefore = now + began.duration(to: now) * 5
        let next = now + (needsAnother ? settings.pollInterval : settings.rescanInterval)
        discoveryDue = min(discoveryDue ?? next, next)
        isDiscovering = false
    }

    /// Enters the data set in `root` unless it is known or a user removed it.
    private func takeUp(_ root: String) async throws {
        if let known = try await catalog.dataset(root: root) {
            take(known, scanAt: known.state == .offline ? .now : nil)
            return
        }
        if try await catalog.isIgnored(root: root) { return }
        let path = FileNames.join(root, DatasetManifest.fileName)
        guard let facts = FileFacts(path) else { return }
        guard settleClock.hasSettled(path, facts.stamp, settle: settings.settle) else {
            discoveryDue = .now + .milliseconds(settings.settle)
            return
        }
        guard let text = try FolderInspector.manifestText(in: root) else { return }
        let manifest = try manifests.manifest(text, root: root)
        let name = try await catalog.freeDatasetName(FolderInspector.name(for: root))
        let dataset = try await catalog.add(
            NewDataset(
                name: name, root: root, layout: manifest.layout, manifest: text,
                modalities: manifest.modalities.map(\.name), origin: .discovered))
        logger.info("found the data set \(name) at \(root)")
        take(dataset, scanAt: .now)
    }
}

/// A walk below the roots that data sets are found in.
enum Discovery {
    struct Found: Sendable {
        /// Folders with a manifest.
        var datasets: [String] = []
        /// By folder.
        var problems: [String: CatalogProblem] = [:]
        /// Whether something could not be looked at.
        var isIncomplete = false
    }

    static func walk(
        _ roots: [String], watch: (String) -> Void, isStopped: () -> Bool
    ) -> Found {
        var found = Found()
        for root in roots {
            guard let resolved = realpath(root, nil) else {
                found.isIncomplete = true
                continue
            }
            var open = [String(cString: resolved)]
            free(resolved)
            while let folder = open.popLast(), !isStopped() {
                watch(folder)
                do {
                    let listing = try FolderListing(of: folder)
                    if listing.files.contains(DatasetManifest.fileName) {
                        found.datasets.append(folder)
                    }
                    for name in listing.folders where !FileNames.isIgnored(name) {
                        let inner = FileNames.join(folder, name)
                        guard listing.linkedFolders.contains(name) else {
                            open.append(inner)
                            continue
                        }
                        // A link may lead anywhere: what it leads to counts, what lies below does not.
                        if let linked = linkedDataset(inner) { found.datasets.append(linked) }
                    }
                } catch let error as SystemFailure where error.isDenied {
                    found.isIncomplete = true
                    found.problems[folder] = CatalogProblem(
                        code: WatchingError.Code.rootNotReadable.rawValue,
                        message: error.description,
                        hint: AccessAdvice.current.hint(toRead: folder))
                } catch let error as SystemFailure where error.isMissing {
                    continue
                } catch {
                    found.isIncomplete = true
                }
            }
        }
        found.datasets = Set(found.datasets).sorted()
        return found
    }

    /// The folder behind a link, if it is a data set.
    private static func linkedDataset(_ path: String) -> String? {
        guard FileFacts(FileNames.join(path, DatasetManifest.fileName))?.isFile == true,
            let resolved = realpath(path, nil)
        else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
