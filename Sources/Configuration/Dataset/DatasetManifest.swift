/// What dataset.toml says: how a folder's files form samples and what their numbers mean.
///
/// ```toml
/// layout = "stem"
/// [rgb]
/// path = "rgb"
/// pattern = "*.jpg"
/// [depth]
/// path = "depth"
/// pattern = "*.png"
/// scale = 0.001
/// ```
package struct DatasetManifest: Sendable, Equatable {
    /// The files of one modality.
    package struct Modality: Sendable, Equatable {
        /// `rgb`, `depth`, ...: which plugin reads the files.
        package var name: String
        /// The folder, relative to the data set's; `.` for the data set's own.
        package var path: String
        /// A shell pattern for file names, such as `*.jpg`.
        package var pattern: String
        /// What the plugin is told: `scale` (metres a unit), `invalid`, `maximum` (metres), ...
        package var options: [String: ConfigurationScalar]

        package init(
            name: String, path: String, pattern: String,
            options: [String: ConfigurationScalar] = [:]
        ) {
            self.name = name
            self.path = path
            self.pattern = pattern
            self.options = options
        }
    }

    /// The camera of the depth images; focal lengths and centre in pixels of `width` x `height`.
    ///
    /// Encodings that know tilts take the focal lengths; nothing reads the centre yet.
    package struct Intrinsics: Sendable, Equatable {
        package var fx: Double, fy: Double
        package var cx: Double, cy: Double
        package var width: Int, height: Int

        package init(fx: Double, fy: Double, cx: Double, cy: Double, width: Int, height: Int) {
            (self.fx, self.fy, self.cx, self.cy) = (fx, fy, cx, cy)
            (self.width, self.height) = (width, height)
        }

        /// The focal length in widths and in heights of a picture: the same for pictures of any size.
        package var focal: (x: Double, y: Double) { (fx / Double(width), fy / Double(height)) }
    }

    /// Which columns of which file hold what is known of the samples.
    package struct Labels: Sendable, Equatable {
        /// Relative to the data set's folder.
        package var file: String
        /// The column that holds a sample's key.
        package var key = "key"
        package var label: String?
        package var split: String?
        /// The column that names the scene group.
        package var group: String?
        /// Further columns that reports break their figures down by.
        package var attributes: [String] = []

        package init(file: String) { self.file = file }
    }

    /// How samples are dealt out where no labels file does it.
    package struct Split: Sendable, Equatable {
        /// The part of the scene groups that goes to the test split, 0..<1.
        package var test = 0.2
        /// A regular expression with one capture that takes the scene group from a sample's key.
        package var group: String?

        package init() {}
    }

    /// The name of the pairing rule: `stem`, `suffix`, ...
    package var layout: String
    /// Whether both cameras see the same picture, so that one box fits both.
    package var registered = true
    /// At least one, in the order of their names.
    package var modalities: [Modality]
    package var intrinsics: Intrinsics?
    package var labels: Labels?
    package var split = Split()

    package init(layout: String, modalities: [Modality]) {
        self.layout = layout
        self.modalities = modalities.sorted { $0.name < $1.name }
    }

    /// The section of one modality, or nil.
    package func modality(_ name: String) -> Modality? { modalities.first { $0.name == name } }

    /// The name of the file that describes a data set, in the data set's folder.
    package static let fileName = "dataset.toml"
}
