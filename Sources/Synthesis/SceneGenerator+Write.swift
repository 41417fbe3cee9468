import Dispatch
package import Foundation
import Synchronization

extension SceneGenerator {
    /// Writes every pair, the labels and, last, the manifest into a folder.
    ///
    /// Each file appears under its name only when it is complete, and dataset.toml appears when all
    /// else is there, so a watching service sees a whole data set or none.
    /// - Parameters:
    ///   - folder: Made where it is missing. It must be empty, unless it holds an earlier synthetic
    ///     set and `options.force` is set.
    ///   - progress: Called now and then from one thread at a time; what it throws stops the work
    ///     and is thrown on.
    /// - Throws: ``SynthesisError``, or what `progress` throws.
    package func write(
        to folder: URL, progress: @Sendable (SynthesisProgress) throws -> Void = { _ in }
    ) throws -> SynthesisSummary {
        let start = ContinuousClock.now
        let layout = try DatasetLayouts.named(options.layout)
        let target = SynthesisFolder(url: folder)
        try target.prepare(for: layout, force: options.force)
        let bytes = try writePairs(into: target, layout: layout, progress: progress)
        try target.write(LabelTable(generator: self, layout: layout).text, to: "labels.csv")
        try target.write(Manifest(generator: self, layout: layout).text, to: "dataset.toml")
        var counts: [String: Int] = [:]
        for index in 0..<options.pairs { counts[split(index), default: 0] += 1 }
        return SynthesisSummary(
            folder: folder, pairs: options.pairs, bytes: bytes, pairsInSplit: counts,
            contradicting: (0..<options.pairs).count { identity($0).contradicting },
            duration: ContinuousClock.now - start)
    }

    private struct Work {
        var next = 0
        var done = 0
        var bytes = 0
        var failure: (any Error)?
    }

    /// Writes the pictures on several threads; returns their size in bytes.
    private func writePairs(
        into target: SynthesisFolder, layout: any DatasetLayoutWriter,
        progress: @Sendable (SynthesisProgress) throws -> Void
    ) throws -> Int {
        let work = Mutex(Work())
        let threads =
            options.threads > 0 ? options.threads : ProcessInfo.processInfo.activeProcessorCount
        DispatchQueue.concurrentPerform(iterations: min(threads, options.pairs)) { _ in
            while let index = work.withLock({ claim(from: &$0) }) {
                do {
                    let bytes = try writePair(index, into: target, layout: layout)
                    work.withLock {
                        $0.done += 1
                        $0.bytes += bytes
                        guard $0.failure == nil else { return }
                        // Kept before another thread can report again.
                        do {
                            try progress(SynthesisProgress(done: $0.done, total: options.pairs))
                        } catch {
                            $0.failure = error
                        }
                    }
                } catch {
                    work.withLock { $0.failure = $0.failure ?? error }
                }
            }
        }
        return try work.withLock {
            if let failure = $0.failure { throw failure }
            return $0.bytes
        }
    }

    private func claim(from work: inout Work) -> Int? {
        guard work.failure == nil, work.next < options.pairs else { return nil }
        work.next += 1
        return work.next - 1
    }

    private func writePair(
        _ index: Int, into target: SynthesisFolder, layout: any DatasetLayoutWriter
    ) throws -> Int {
        let pair = render(index)
        let files = layout.files(
            ofPair: index, colourExtension: options.colourFormat.rawValue)
        let colourBytes = try target.writeAtomically(files.colour) { path in
            ImageFile.writeColour(pair, to: path, options: options)
        }
        let depthBytes = try target.writeAtomically(files.depth) { path in
            ImageFile.writeDepth(pair, to: path)
        }
        return colourBytes + depthBytes
    }
}

/// How far writing has come.
package struct SynthesisProgress: Sendable, Equatable {
    /// Pairs written so far.
    package var done: Int
    /// Pairs in all.
    package var total: Int
}

/// What was written.
package struct SynthesisSummary: Sendable, Equatable {
    package var folder: URL
    package var pairs: Int
    /// The pictures' size.
    package var bytes: Int
    /// Pairs by the name of their split.
    package var pairsInSplit: [String: Int]
    /// Pairs whose object wears another class's palette.
    package var contradicting: Int
    package var duration: Duration
}
