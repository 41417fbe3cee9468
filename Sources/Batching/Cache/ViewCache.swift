import CKernels
package import Modalities

/// The decoded, cropped, resized views of one modality, in its physical unit, on disk and live.
///
/// A file is decoded once and all its views are kept; epochs after the first touch no JPEG or PNG. Views
/// are taken before noise and encoding, which are drawn and computed anew each epoch. Metres are kept as
/// float32, values between 0 and 1 as float16; what is computed live is rounded alike.
package final class ViewCache: Sendable {
    package let modality: ModalityPlugin
    package let size: Int
    package let views: ViewSchedule

    private let options: PluginOptions
    private let store: RecordStore
    private let journal: DecodeJournal
    private let isHalf: Bool

    /// Values of one view: channels x size x size.
    package var valueCount: Int { modality.channels * size * size }

    /// Whether nothing more will be kept.
    package var isFull: Bool { store.isFull }

    /// Bytes of one kept view.
    package var recordBytes: Int { store.recordBytes }

    package init(
        modality: ModalityPlugin, options: PluginOptions, size: Int, views: ViewSchedule,
        cache folder: String, dataset: String, budget: CacheBudget, journal: DecodeJournal
    ) throws {
        self.modality = modality
        self.options = options
        self.size = size
        self.views = views
        self.journal = journal
        isHalf = modality.unit != "metres"
        let sorted = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let key = [
            "plugin": "\(modality.id) \(modality.decoderVersion) \(modality.viewVersion)",
            "options": sorted.joined(separator: " "),
            "size": "\(size)", "views": views.identity, "precision": isHalf ? "float16" : "float32",
        ]
        let bytes = modality.channels * size * size * (isHalf ? 2 : 4)
        store = try RecordStore(
            in: folder + "/views", named: CacheKey.name(of: key, dataset: dataset),
            key: key.merging(["dataset": dataset]) { $1 }, recordBytes: bytes, budget: budget)
    }

    /// Whether a view of a sample is on disk.
    package func holds(_ sample: Sample, view: UInt32) -> Bool {
        key(of: sample, view: view).map(store.contains) ?? false
    }

    /// Decodes a sample once and keeps the views that are missing.
    ///
    /// - Throws: `SampleError` where the file cannot be read, `CacheError` where the disk is full.
    package func fill(_ sample: Sample, views wanted: [UInt32]) throws {
        let missing = wanted.filter { !holds(sample, view: $0) }
        guard !missing.isEmpty, !isFull else { return }
        let decoded = try decode(sample)
        var values = [Float](repeating: 0, count: valueCount)
        for view in missing {
            try values.withUnsafeMutableBufferPointer { buffer in
                try take(view, of: sample, decoded, into: buffer)
                if let key = key(of: sample, view: view) { try keep(buffer, key) }
            }
        }
    }

    /// Copies a view into `buffer`, from disk or, where it is missing, by decoding; keeps what it decoded.
    package func load(
        _ sample: Sample, view: UInt32, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws {
        precondition(buffer.count == valueCount)
        let key = key(of: sample, view: view)
        if let key, read(key, into: buffer) { return }
        try take(view, of: sample, decode(sample), into: buffer)
        if let key { try keep(buffer, key) }
        if isHalf { round(buffer) }
    }

    /// Decodes a sample once and takes several views without keeping them: what a teacher looks at.
    ///
    /// - Shapes: `[views, channels, size, size]`, rounded as a kept view would be.
    package func images(of sample: Sample, views wanted: [UInt32]) throws -> [Float] {
        let decoded = try decode(sample)
        var images = [Float](repeating: 0, count: wanted.count * valueCount)
        try images.withUnsafeMutableBufferPointer { buffer in
            for (number, view) in wanted.enumerated() {
                let slot = UnsafeMutableBufferPointer(
                    rebasing: buffer[(number * valueCount)..<((number + 1) * valueCount)])
                try take(view, of: sample, decoded, into: slot)
                if isHalf { round(slot) }
            }
        }
        return images
    }

    /// Draws the modality's noise; a pure function of (seed, index).
    package func augment(
        _ buffer: UnsafeMutableBufferPointer<Float>, seed: UInt64, index: UInt64
    ) throws {
        try modality.augment(
            buffer, height: size, width: size, seed: seed, index: index)
    }

    package func verify() -> (sound: Int, damaged: Int) { store.verify() }

    // MARK: One file

    private func key(of sample: Sample, view: UInt32) -> RecordKey? {
        guard let file = sample.files[modality.modality], let anchor = sample.anchor else {
            return nil
        }
        return RecordKey(digest: file.digest.combined(with: anchor), view: view)
    }

    private func decode(_ sample: Sample) throws -> DecodedSample {
        guard let file = sample.files[modality.modality] else {
            throw SampleError(
                sample: sample.id, modality: modality.modality, path: sample.key,
                code: "sample.no_file", reason: "the pair has no \(modality.modality) file")
        }
        do {
            return try journal.decoding(sample.id) {
                try modality.decode(
                    path: file.path, options: options,
                    minimumShortSide: views.decodedShortSide(for: size))
            }
        } catch let error as PluginError {
            throw SampleError(
                sample: sample.id, modality: modality.modality, path: file.path, code: error.code,
                reason: error.message)
        }
    }

    private func take(
        _ view: UInt32, of sample: Sample, _ decoded: DecodedSample,
        into buffer: UnsafeMutableBufferPointer<Float>
    ) throws {
        guard let anchor = sample.anchor else { preconditionFailure("decoded without a file") }
        try modality.view(
            decoded, view: views.geometry(of: anchor, view: view), height: size, width: size,
            into: buffer)
    }

    // MARK: Precision

    private func keep(_ values: UnsafeMutableBufferPointer<Float>, _ key: RecordKey) throws {
        guard isHalf else {
            try store.write(key, UnsafeRawBufferPointer(values))
            return
        }
        try withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { half in
            distill_float_to_half(values.baseAddress, half.baseAddress, Int64(values.count))
            try store.write(key, UnsafeRawBufferPointer(half))
        }
    }

    private func read(_ key: RecordKey, into values: UnsafeMutableBufferPointer<Float>) -> Bool {
        guard isHalf else { return store.read(key, into: UnsafeMutableRawBufferPointer(values)) }
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { half in
            guard store.read(key, into: UnsafeMutableRawBufferPointer(half)) else { return false }
            distill_half_to_float(half.baseAddress, values.baseAddress, Int64(values.count))
            return true
        }
    }

    private func round(_ values: UnsafeMutableBufferPointer<Float>) {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: values.count) { half in
            distill_float_to_half(values.baseAddress, half.baseAddress, Int64(values.count))
            distill_half_to_float(half.baseAddress, values.baseAddress, Int64(values.count))
        }
    }
}
