package import Batching
package import Configuration
package import Modalities

/// Everything a run is given: the recipe and where things lie.
package struct RunRequest {
    package var recipe: Recipe
    package var dataset: String
    /// The data set's samples of all splits, immutable for the run's life.
    package var samples: [Sample]
    package var manifest: ManifestOptions
    /// The folder of the frozen teacher's model.
    package var teacher: String?
    /// The folder of the model whose weights begin the student.
    package var initial: String?
    package var host: PluginHost
    package var cacheFolder: String
    package var cacheQuota: Int64?
    package var runFolder: String
    package var threads: Int
    /// Newest first.
    package var checkpoints: [Checkpoint.Written]

    package init(
        recipe: Recipe, dataset: String, samples: [Sample], manifest: ManifestOptions,
        teacher: String?, initial: String?, host: PluginHost, cacheFolder: String,
        cacheQuota: Int64?, runFolder: String, threads: Int, checkpoints: [Checkpoint.Written]
    ) {
        self.recipe = recipe
        self.dataset = dataset
        self.samples = samples
        self.manifest = manifest
        self.teacher = teacher
        self.initial = initial
        self.host = host
        self.cacheFolder = cacheFolder
        self.cacheQuota = cacheQuota
        self.runFolder = runFolder
        self.threads = threads
        self.checkpoints = checkpoints
    }
}
