import CKernels

/// What a frozen teacher answers to a view: its logits and its last feature map, computed once.
///
/// A record is the tensors one after another in float16, each under its own scale (a power of two chosen
/// so that the largest value fits). What is computed live is rounded alike, so it makes no difference to
/// a run whether a record was there.
package final class TargetCache: Sendable {
    /// One tensor of a record: its name, such as `logits`, and its values for one sample.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    package let fields: [Field]
    /// What the teacher looks at.
    package let modality: String
    private let store: RecordStore
    /// Where each field begins in a record.
    private let offsets: [Int]

    /// - Parameters:
    ///   - modality: what the teacher looks at: the files whose content the records belong to.
    ///   - key: teacher digest, taps, input size, preprocessing, options and decoder versions, views.
    package init(
        fields: [Field], modality: String, key: [String: String], cache folder: String,
        dataset: String,
        budget: CacheBudget
    ) throws {
        self.fields = fields
        self.modality = modality
        var offsets: [Int] = []
        var bytes = fields.count * MemoryLayout<Float>.size
        for field in fields {
            offsets.append(bytes)
            bytes += field.count * MemoryLayout<UInt16>.size
        }
        self.offsets = offsets
        var key = key
        key["fields"] = fields.map { "\($0.name)[\($0.count)]" }.joined(separator: " ")
        key["kept"] = "float16 scaled"
        // What the teacher saw was rounded as views are kept.
        key["images"] = "views-2"
        store = try RecordStore(
            in: folder + "/targets", named: CacheKey.name(of: key, dataset: dataset),
            key: key.merging(["dataset": dataset]) { $1 }, recordBytes: bytes, budget: budget)
    }

    package var recordBytes: Int { store.recordBytes }
    package var count: Int { store.count }
    /// Whether nothing more will be kept.
    package var isFull: Bool { store.isFull }

    private func key(_ sample: Sample, _ view: UInt32) -> RecordKey? {
        guard let file = sample.files[modality], let anchor = sample.anchor else { return nil }
        return RecordKey(digest: file.digest.combined(with: anchor), view: view)
    }

    package func holds(_ sample: Sample, view: UInt32) -> Bool {
        key(sample, view).map(store.contains) ?? false
    }

    /// Copies a record; false where there is none.
    package func read(
        _ sample: Sample, view: UInt32, into record: UnsafeMutableRawBufferPointer
    ) -> Bool {
        key(sample, view).map { store.read($0, into: record) } ?? false
    }

    /// Adds a record if the budget allows.
    ///
    /// - Throws: `CacheError.diskFull` when the device has no space left.
    package func keep(
        _ sample: Sample, view: UInt32, record: UnsafeRawBufferPointer
    ) throws {
        if let key = key(sample, view) { try store.write(key, record) }
    }

    // MARK: Records

    /// Puts one tensor into a record.
    package func encode(
        _ values: UnsafeBufferPointer<Float>, field: Int,
        into record: UnsafeMutableRawBufferPointer
    ) {
        precondition(values.count == fields[field].count && record.count == recordBytes)
        let scale = TargetCache.scale(of: values)
        record.storeBytes(of: scale, toByteOffset: field * 4, as: Float.self)
        let half = record.baseAddress?.advanced(by: offsets[field]).assumingMemoryBound(
            to: UInt16.self)
        guard scale != 1 else {
            return distill_float_to_half(values.baseAddress, half, Int64(values.count))
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: values.count) { scaled in
            for index in values.indices {
                scaled.initializeElement(at: index, to: values[index] / scale)
            }
            distill_float_to_half(scaled.baseAddress, half, Int64(values.count))
        }
    }

    /// One tensor of a record.
    package func decode(
        _ record: UnsafeRawBufferPointer, field: Int,
        into values: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(values.count == fields[field].count && record.count == recordBytes)
        let scale = record.loadUnaligned(fromByteOffset: field * 4, as: Float.self)
        let half = record.baseAddress?.advanced(by: offsets[field]).assumingMemoryBound(
            to: UInt16.self)
        distill_half_to_float(half, values.baseAddress, Int64(values.count))
        if scale != 1 { for index in values.indices { values[index] *= scale } }
    }

    /// 1 where all values fit float16 comfortably, else the power of two that makes them fit.
    private static func scale(of values: UnsafeBufferPointer<Float>) -> Float {
        // Magnitudes are ordered as their bits are, which a loop over integers compares at once.
        var bits: UInt32 = 0
        for value in values { bits = max(bits, value.bitPattern & 0x7FFF_FFFF) }
        let largest = Float(bitPattern: bits)
        guard largest > 32_768, largest.isFinite else { return 1 }
        var scale: Float = 1
        while largest / scale > 32_768 { scale *= 2 }
        return scale
    }
}
