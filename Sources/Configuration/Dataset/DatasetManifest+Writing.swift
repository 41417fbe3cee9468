extension DatasetManifest {
    /// The manifest with every default written out.
    package var toml: String {
        var writer = TOMLWriter()
        writer.write("layout", layout)
        writer.write("registered", registered)
        for modality in modalities {
            writer.section(TOMLWriter.key(modality.name))
            writer.write("path", modality.path)
            writer.write("pattern", modality.pattern)
            writer.write(modality.options)
        }
        if let intrinsics {
            writer.section("intrinsics")
            writer.write("fx", intrinsics.fx)
            writer.write("fy", intrinsics.fy)
            writer.write("cx", intrinsics.cx)
            writer.write("cy", intrinsics.cy)
            writer.write("width", intrinsics.width)
            writer.write("height", intrinsics.height)
        }
        if let labels {
            writer.section("labels")
            writer.write("file", labels.file)
            writer.write("key", labels.key)
            if let label = labels.label { writer.write("label", label) }
            if let split = labels.split { writer.write("split", split) }
            if let group = labels.group { writer.write("group", group) }
            writer.write("attributes", labels.attributes)
        }
        writer.section("split")
        writer.write("test", split.test)
        if let group = split.group { writer.write("group", group) }
        return writer.text
    }
}
