import Foundation

/// The folder that a synthetic set is written into.
struct SynthesisFolder: Sendable {
    let url: URL

    /// Says that the folder is ours, from before the first picture.
    private static let mark = ".synthetic"

    /// Makes the folder ready, empty of pictures and without a manifest.
    ///
    /// - Throws: ``SynthesisError`` with code `folderNotEmpty` or `cannotWrite`.
    func prepare(for layout: any DatasetLayoutWriter, force: Bool) throws {
        try make(url)
        let names = try entries()
        if !names.isEmpty {
            guard names.contains(Self.mark) else {
                throw refusal(
                    "is not empty and holds no synthetic set; name an empty or new folder")
            }
            guard force else {
                throw refusal(
                    "holds an earlier synthetic set; pass --force to replace it, or name another "
                        + "folder")
            }
            try removeEarlierSet(names)
        }
        try write(
            "Synthetic scenes; the generator may replace what it wrote here.\n", to: Self.mark)
        for folder in layout.folders { try make(url.appending(path: folder)) }
    }

    private func refusal(_ problem: String) -> SynthesisError {
        SynthesisError(
            code: .folderNotEmpty, context: url.path, message: "folder \(url.path) \(problem)")
    }

    private func make(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SynthesisError.cannotWrite(folder.path, reason: Self.reason(error))
        }
    }

    private func entries() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw SynthesisError.cannotWrite(url.path, reason: Self.reason(error))
        }
    }

    /// Removes the manifest first, then every file that some layout writes; leaves what is not ours.
    private func removeEarlierSet(_ names: [String]) throws {
        let files = FileManager.default
        let nested = DatasetLayouts.all.flatMap(\.folders).flatMap { folder in
            ((try? files.contentsOfDirectory(atPath: url.appending(path: folder).path)) ?? [])
                .map { "\(folder)/\($0)" }
        }
        let known = (names + nested).filter { path in
            DatasetLayouts.all.contains { $0.owns(path) }
        }
        for path in ["dataset.toml", "labels.csv"].filter(names.contains) + known {
            do {
                try files.removeItem(at: url.appending(path: path))
            } catch {
                throw SynthesisError.cannotWrite(
                    url.appending(path: path).path, reason: Self.reason(error))
            }
        }
        // A folder that still holds something else stays.
        for folder in DatasetLayouts.all.flatMap(\.folders) {
            _ = rmdir(url.appending(path: folder).path)
        }
    }

    func write(_ text: String, to name: String) throws {
        do {
            try Data(text.utf8).write(to: url.appending(path: name), options: .atomic)
        } catch {
            throw SynthesisError.cannotWrite(
                url.appending(path: name).path, reason: Self.reason(error))
        }
    }

    /// Writes under a hidden name and renames; returns the file's size.
    ///
    /// - Parameter body: Writes the file at a path; returns why it failed, or nil.
    func writeAtomically(_ name: String, _ body: (String) -> String?) throws -> Int {
        let final = url.appending(path: name)
        let partial = final.deletingLastPathComponent()
            .appending(path: ".\(final.lastPathComponent).partial")
        func fail(_ reason: String) -> SynthesisError {
            unlink(partial.path)
            return .cannotWrite(final.path, reason: reason)
        }
        if let reason = body(partial.path) { throw fail(reason) }
        var status = stat()
        guard stat(partial.path, &status) == 0, rename(partial.path, final.path) == 0 else {
            throw fail(String(cString: strerror(errno)))
        }
        return Int(status.st_size)
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(underlying.code)))
        }
        return error.localizedDescription
    }
}
