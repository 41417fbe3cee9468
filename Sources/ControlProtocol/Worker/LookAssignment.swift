/// Draw pairs of a data set as teacher and student see them.
package struct LookAssignment: Codable, Sendable {
    package struct Pair: Codable, Sendable {
        package var key: String
        /// Paths by modality, relative to the root.
        package var files: [String: String]

        package init(key: String, files: [String: String]) {
            self.key = key
            self.files = files
        }
    }

    package var root: String
    package var manifest: String
    package var pairs: [Pair]
    /// The student's modality, its encoding (empty: the plugin's usual one) and the side of its input.
    package var modality: String
    package var encoding: String
    package var size: Int
    /// The PNG file to write; nil: figures only.
    package var to: String?
    package var surroundings: WorkerSurroundings

    package init(
        root: String, manifest: String, pairs: [Pair], modality: String, encoding: String,
        size: Int, to: String?, surroundings: WorkerSurroundings
    ) {
        self.root = root
        self.manifest = manifest
        self.pairs = pairs
        self.modality = modality
        self.encoding = encoding
        self.size = size
        self.to = to
        self.surroundings = surroundings
    }
}

/// What a look at pairs found.
package struct LookReply: Codable, Sendable, Equatable {
    package struct Picture: Codable, Sendable, Equatable {
        package var modality: String
        /// As stored, after EXIF's turn.
        package var width: Int, height: Int
        /// What values are measured in: `metres`.
        package var unit: String
        /// The share of pixels that hold a value, and 5 %, median and 95 % of those.
        package var valid: Double
        package var low: Double, median: Double, high: Double
        /// Why it could not be read; the figures are then 0.
        package var error: String?

        package init(
            modality: String, width: Int = 0, height: Int = 0, unit: String = "",
            valid: Double = 0, low: Double = 0, median: Double = 0, high: Double = 0,
            error: String? = nil
        ) {
            self.modality = modality
            self.width = width
            self.height = height
            self.unit = unit
            self.valid = valid
            self.low = low
            self.median = median
            self.high = high
            self.error = error
        }
    }

    package struct Pair: Codable, Sendable, Equatable {
        package var key: String
        package var pictures: [Picture]
        /// The share of the student's input that holds a value.
        package var viewValid: Double

        package init(key: String, pictures: [Picture], viewValid: Double) {
            self.key = key
            self.pictures = pictures
            self.viewValid = viewValid
        }

        private enum CodingKeys: String, CodingKey {
            case key, pictures
            case viewValid = "view_valid"
        }
    }

    package var pairs: [Pair]
    package var encoding: String
    package var size: Int
    /// The picture's file.
    package var file: String?

    package init(pairs: [Pair], encoding: String, size: Int, file: String?) {
        self.pairs = pairs
        self.encoding = encoding
        self.size = size
        self.file = file
    }
}
