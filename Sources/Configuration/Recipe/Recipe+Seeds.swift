extension Recipe {
    /// The recipe's text without name and seed: equal for runs that differ in nothing else.
    package var withoutNameAndSeed: String {
        var common = self
        common.name = ""
        common.training.seed = 0
        return common.toml
    }
}
