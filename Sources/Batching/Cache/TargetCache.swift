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
    private let valueCount: Int

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
        valueCount = fields.reduce(0) { $0 + $1.count }
        var key = key
        key["fields"] = fields.map { "\($0.name)[\($0.count)]" }.joined(separator: " ")
        key["precision"] = "float16 scaled"
        store = try RecordStore(
            in: folder + "/targets", named: CacheKey.name(of: key, dataset: dataset),
            key: key.merging(["dataset": dataset]) { $1 },
            recordBytes: fields.count * 4 + valueCount * 2, budget: budget)
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

    /// Copies a record's tensors to where `destinations` points, one for each field.
    package func load(
        _ sample: Sample, view: UInt32, into destinations: [UnsafeMutableBufferPointer<Float>]
    ) -> Bool {
        guard let key = key(sample, view) else { return false }
        return withUnsafeTemporaryAllocation(byteCount: store.recordBytes, alignment: 16) { raw in
            guard store.read(key, into: raw) else { return false }
            var offset = fields.count * 4
            for (number, field) in fields.enumerated() {
                let scale = raw.loadUnaligned(fromByteOffset: number * 4, as: Float.self)
                let half = UnsafeRawBufferPointer(raw).baseAddress?.advanced(by: offset)
                    .assumingMemoryBound(to: UInt16.self)
                let target = destinations[number]
                precondition(target.count == field.count)
                distill_half_to_float(half, target.baseAddress, Int64(field.count))
                if scale != 1 { for index in target.indices { target[index] *= scale } }
                offset += field.count * 2
            }
            return true
        }
    }

    /// Rounds tensors in place as a record would, and keeps the record if the budget allows.
    package func keep(
        _ sample: Sample, view: UInt32, rounding values: [UnsafeMutableBufferPointer<Float>]
    ) throws {
        try withUnsafeTemporaryAllocation(byteCount: store.recordBytes, alignment: 16) { raw in
            var offset = fields.count * 4
            for (number, field) in fields.enumerated() {
                let source = values[number]
                precondition(source.count == field.count)
                let scale = TargetCache.scale(of: source)
                raw.storeBytes(of: scale, toByteOffset: number * 4, as: Float.self)
                if scale != 1 { for index in source.indices { source[index] /= scale } }
                let half = raw.baseAddress?.advanced(by: offset).assumingMemoryBound(
                    to: UInt16.self)
                distill_float_to_half(source.baseAddress, half, Int64(field.count))
                distill_half_to_float(half, source.baseAddress, Int64(field.count))
                if scale != 1 { for index in source.indices { source[index] *= scale } }
                offset += field.count * 2
            }
            if let key = key(sample, view) { try store.write(key, UnsafeRawBufferPointer(raw)) }
        }
    }

    /// 1 where all values fit float16 comfortably, else the power of two that makes them fit.
    private static func scale(of values: UnsafeMutableBufferPointer<Float>) -> Float {
        var largest: Float = 0
        for value in values { largest = max(largest, abs(value)) }
        guard largest > 32_768, largest.isFinite else { return 1 }
        var scale: Float = 1
        while largest / scale > 32_768 { scale *= 2 }
        return scale
    }
}
