package import Modalities

/// The decoded, cropped, resized views of one modality, in its physical unit, on disk and live.
///
/// A file is decoded once and all its views are kept; epochs after the first touch no JPEG or PNG. Views
/// are taken before noise and encoding, which are drawn and computed anew each epoch.
package final class ViewCache: Sendable {
    package let modality: ModalityPlugin
    package let size: Int
    package let views: ViewSchedule
    package let precision: ViewPrecision
    package let framing: PictureFraming

    private let options: PluginOptions
    private let store: RecordStore
    private let journal: DecodeJournal

    /// Values of one view: channels x size x size.
    package var valueCount: Int { modality.channels * size * size }

    /// Whether nothing more will be kept.
    package var isFull: Bool { store.isFull }

    /// Bytes of one kept view.
    package var recordBytes: Int { store.recordBytes }

    /// How many views are kept.
    package var count: Int { store.count }

    package init(
        modality: ModalityPlugin, options: PluginOptions, size: Int, views: ViewSchedule,
        framing: PictureFraming = .usual, cache folder: String, dataset: String,
        budget: CacheBudget, journal: DecodeJournal
    ) throws {
        self.modality = modality
        self.options = options
        self.size = size
        self.views = views
        self.journal = journal
        self.framing = framing
        precision = ViewPrecision(unit: modality.unit)
        let sorted = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var key = [
            "plugin": "\(modality.id) \(modality.decoderVersion) \(modality.viewVersion)",
            "options": sorted.joined(separator: " "),
            "size": "\(size)", "views": views.identity, "precision": precision.rawValue,
        ]
        key["framing"] = framing.identity
        let bytes = modality.channels * size * size * precision.bytesPerValue
        store = try RecordStore(
            in: folder + "/views", named: CacheKey.name(of: key, dataset: dataset),
            key: key.merging(["dataset": dataset]) { $1 }, recordBytes: bytes, budget: budget)
    }

    /// What a view of a sample is kept under; nil where the sample lacks the file.
    package func key(of sample: Sample, view: UInt32) -> RecordKey? {
        guard let file = sample.files[modality.modality], let anchor = sample.anchor else {
            return nil
        }
        return RecordKey(digest: file.digest.combined(with: anchor), view: view)
    }

    /// Whether a view of a sample is on disk.
    package func holds(_ sample: Sample, view: UInt32) -> Bool {
        key(of: sample, view: view).map(store.contains) ?? false
    }

    /// Copies a view as it is kept; false where it is not on disk.
    package func read(
        _ sample: Sample, view: UInt32, into record: UnsafeMutableRawBufferPointer
    ) -> Bool {
        key(of: sample, view: view).map { store.read($0, into: record) } ?? false
    }

    /// Copies a view into `buffer`, from disk or, where it is missing, by decoding.
    ///
    /// A file that has to be decoded is decoded once: all views of the schedule are kept.
    /// - Throws: `SampleError` where the file cannot be read, `CacheError` where the disk is full.
    package func load(
        _ sample: Sample, view: UInt32, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws {
        precondition(buffer.count == valueCount)
        if expand(sample, view, into: buffer) { return }
        try decode(sample, views: [view] + siblings(of: view, sample)) { number, record in
            if number == view { precision.decode(record, into: buffer) }
            if let key = key(of: sample, view: number) { try store.write(key, record) }
        }
    }

    /// Decodes a sample unless all views of the schedule are on disk or nothing more will be kept.
    ///
    /// - Throws: as `load`.
    package func fill(_ sample: Sample) throws {
        let missing = (0..<UInt32(views.count)).filter { !holds(sample, view: $0) }
        guard !missing.isEmpty, !isFull else { return }
        try decode(sample, views: missing) { number, record in
            if let key = key(of: sample, view: number) { try store.write(key, record) }
        }
    }

    /// Decodes a sample once and lends the views one after another as they would be kept.
    ///
    /// - Throws: `SampleError` where the file cannot be read, and what `body` throws.
    package func decode(
        _ sample: Sample, views wanted: [UInt32],
        _ body: (UInt32, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let decoded = try decode(sample)
        guard let anchor = sample.anchor else { preconditionFailure("decoded without a file") }
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: valueCount) { values in
            try withUnsafeTemporaryAllocation(byteCount: recordBytes, alignment: 16) { record in
                for view in wanted {
                    try framing.view(
                        of: decoded, with: modality, box: views.geometry(of: anchor, view: view),
                        isWhole: RecordKey.isFrame(view), size: size, into: values)
                    precision.encode(UnsafeBufferPointer(values), into: record)
                    try body(view, UnsafeRawBufferPointer(record))
                }
            }
        }
    }

    /// Adds the modality's noise to a view of a sample; a pure function of its arguments.
    ///
    /// - Throws: `SampleError` where the file's size is not known and its header cannot be read.
    package func addNoise(
        _ noise: ModalityNoise, to buffer: UnsafeMutableBufferPointer<Float>, of sample: Sample,
        view: UInt32, seed: UInt64, index: UInt64
    ) throws {
        try modality.addNoise(
            noise, to: buffer, height: size, width: size,
            sensorPixels: try sensorPixels(sample, view: view), seed: seed, index: index)
    }

    /// How many of the file's pixels lie along a side of a view's pixel, as a mean of both axes.
    func sensorPixels(_ sample: Sample, view: UInt32) throws -> Double {
        guard let file = sample.files[modality.modality], let anchor = sample.anchor else {
            preconditionFailure("noise for a sample without a file")
        }
        let box = views.geometry(of: anchor, view: view)
        let (width, height) = try extent(of: file, sample)
        return (box.width * Double(width) * box.height * Double(height)).squareRoot() / Double(size)
    }

    /// The file's pixels; its header says so where no inspection did.
    private func extent(of file: Sample.File, _ sample: Sample) throws -> (Int, Int) {
        if let width = file.width, let height = file.height, width > 0, height > 0 {
            return (width, height)
        }
        do {
            let header = try modality.inspect(path: file.path, options: options)
            return (header.width, header.height)
        } catch let error as PluginError {
            throw SampleError(
                sample: sample.id, modality: modality.modality, path: file.path, code: error.code,
                reason: error.message)
        }
    }

    package func verify() -> (sound: Int, damaged: Int) { store.verify() }

    // MARK: One file

    /// The views that are kept along with one that has to be decoded.
    private func siblings(of view: UInt32, _ sample: Sample) -> [UInt32] {
        guard !RecordKey.isFrame(view), !isFull else { return [] }
        return (0..<UInt32(views.count)).filter { $0 != view && !holds(sample, view: $0) }
    }

    private func expand(
        _ sample: Sample, _ view: UInt32, into values: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        if precision == .single {
            return read(sample, view: view, into: UnsafeMutableRawBufferPointer(values))
        }
        return withUnsafeTemporaryAllocation(byteCount: recordBytes, alignment: 16) { record in
            guard read(sample, view: view, into: record) else { return false }
            precision.decode(UnsafeRawBufferPointer(record), into: values)
            return true
        }
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
                    minimumShortSide: framing.decodedShortSide(
                        for: size, usual: views.decodedShortSide(for: size)))
            }
        } catch let error as PluginError {
            throw SampleError(
                sample: sample.id, modality: modality.modality, path: file.path, code: error.code,
                reason: error.message)
        }
    }
}
