/// Deals samples out to splits by their scene group, so that one scene never lies on both sides.
package enum SplitRule {
    /// `test` for the given fraction of all groups, `train` for the rest.
    ///
    /// The same group always gets the same answer, on every machine and in every version.
    package static func split(ofGroup group: String, testFraction: Double) -> String {
        // 53 bits are what a Double holds exactly.
        let position = Double(hash(group) >> 11) / Double(1 << 53 as UInt64)
        return position < testFraction ? "test" : "train"
    }

    /// FNV-1a over the UTF-8 bytes, then the finaliser of MurmurHash3 so that near names part.
    ///
    /// - Reference: Fowler, Noll, Vo, draft-eastlake-fnv; Appleby 2011, MurmurHash3.
    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }
}
