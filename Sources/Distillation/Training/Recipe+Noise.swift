import Configuration
import Modalities

extension Recipe {
    /// The recipe with every setting of its noise written out, and that noise.
    ///
    /// - Returns: no noise, and `noise = false`, for a modality that has none.
    /// - Throws: `PluginError` `noise.unknown`, `noise.range`.
    func resolvingNoise(of plugin: ModalityPlugin) throws -> (recipe: Recipe, noise: ModalityNoise?)
    {
        var resolved = self
        guard case .on(let given) = training.noise, let noise = try plugin.noise(given) else {
            resolved.training.noise = .off
            return (resolved, nil)
        }
        resolved.training.noise = .on(noise.settings)
        return (resolved, noise)
    }
}
