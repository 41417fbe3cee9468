extension Recipe {
    /// The recipe with every default written out, as it goes into `recipe.resolved.toml`.
    package var toml: String {
        var writer = TOMLWriter()
        writer.write("name", name)
        writer.write("kind", kind.rawValue)
        dataset.write(to: &writer)
        if let teacher {
            writer.section("teacher")
            writer.write("model", teacher.model)
            writer.write("modality", teacher.modality)
            writer.write("precision", teacher.precision.rawValue)
        }
        writer.section("student")
        writer.write("architecture", student.architecture)
        writer.write("modality", student.modality)
        writer.write("encoding", student.encoding)
        writer.write("size", student.size)
        writer.write("initialise", student.initialise.text)
        training.write(to: &writer)
        for objective in objectives { objective.write(to: &writer) }
        return writer.text
    }
}

extension Recipe.Dataset {
    fileprivate func write(to writer: inout TOMLWriter) {
        writer.section("dataset")
        writer.write("name", name)
        writer.write("split", split)
        writer.write("labels_per_class", labelsPerClass)
        if let label { writer.write("label", label) }
        writer.write("shuffle_pairs", shufflePairs)
    }
}

extension Recipe.Training {
    fileprivate func write(to writer: inout TOMLWriter) {
        writer.section("training")
        writer.write("epochs", epochs)
        writer.write("batch", batch)
        writer.write("learning_rate", learningRate)
        writer.write("momentum", momentum)
        writer.write("weight_decay", weightDecay)
        writer.write("warmup", warmup)
        writer.write("seed", seed)
        writer.write("views", views)
        writer.write("ema", ema)
        writer.write("gradient_clip", gradientClip)
        writer.write("label_smoothing", labelSmoothing)
        writer.write("evaluate_every", evaluateEvery)
        writer.write("checkpoint_every", checkpointEvery)
        writer.write("threads", threads)
        writer.write("crop", crop)
        writer.write("precision", precision.rawValue)
        switch noise {
        case .off: writer.write("noise", false)
        case .on(let settings) where settings.isEmpty: writer.write("noise", true)
        case .on(let settings):
            writer.section("training.noise")
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                writer.write(name, value)
            }
        }
    }
}

extension Recipe.Objective {
    fileprivate func write(to writer: inout TOMLWriter) {
        writer.element("objective")
        writer.write("knowledge", knowledge.rawValue)
        writer.write("method", method)
        if let weight { writer.write("weight", weight) }
        writer.write("schedule", schedule.rawValue)
        if schedule == .ramp { writer.write("ramp_epochs", rampEpochs) }
        writer.write("teacher", teacher)
        writer.write("student", student)
        guard !parameters.isEmpty else { return }
        writer.section("objective.parameters")
        writer.write(parameters)
    }
}
