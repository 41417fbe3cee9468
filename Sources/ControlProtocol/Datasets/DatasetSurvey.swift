/// What a spread sample of a data set's pairs looks like, decoded.
package struct DatasetSurvey: Codable, Sendable, Equatable {
    /// A number that tells what the files hold.
    package struct Figure: Codable, Sendable, Equatable {
        /// `valid`, `median`, ...
        package var name: String
        /// `metres`, `share`; empty where there is none.
        package var unit: String
        package var value: Double

        package init(name: String, unit: String, value: Double) {
            self.name = name
            self.unit = unit
            self.value = value
        }
    }

    /// Something that does not fit what the manifest says.
    package struct Finding: Codable, Sendable, Equatable {
        /// A stable dotted code, such as `depth.median`.
        package var code: String
        package var message: String
        /// What to do about it.
        package var hint: String

        package init(code: String, message: String, hint: String) {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    /// What one modality's files are like.
    package struct Modality: Codable, Sendable, Equatable {
        package var modality: String
        /// Files read, and files that could not be.
        package var files = 0, unreadable = 0
        /// The most frequent reason why files could not be read.
        package var reason: String?
        /// Files by format, by `width x height` and by bits a channel, the most frequent first.
        package var formats: [Count] = [], sizes: [Count] = [], bitDepths: [Count] = []
        package var figures: [Figure] = []

        package init(modality: String) {
            self.modality = modality
        }

        private enum CodingKeys: String, CodingKey {
            case modality, files, unreadable, formats, sizes, figures, reason
            case bitDepths = "bit_depths"
        }
    }

    /// How often something was met.
    package struct Count: Codable, Sendable, Equatable {
        package var what: String
        package var files: Int

        package init(what: String, files: Int) {
            self.what = what
            self.files = files
        }

        /// Counts, the most frequent first.
        package static func of(_ values: [String]) -> [Count] {
            Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
                .map { Count(what: $0, files: $1) }
                .sorted { ($1.files, $0.what) < ($0.files, $1.what) }
        }
    }

    /// Pairs that were looked at.
    package var pairs: Int
    package var modalities: [Modality] = []
    /// Whether width : height of a pair's pictures differ by more than 3 % in most pairs.
    package var aspectsDiffer = false
    package var findings: [Finding] = []
    /// How far frames of test and train that stand beside each other differ, in parts of how far others do;
    /// nil where none were looked at.
    package var neighbourDistance: Double?
    /// The same in parts of the frames' own values.
    package var neighbourChange: Double?

    package init(pairs: Int) {
        self.pairs = pairs
    }

    private enum CodingKeys: String, CodingKey {
        case pairs, modalities, findings
        case aspectsDiffer = "aspects_differ"
        case neighbourDistance = "neighbour_distance"
        case neighbourChange = "neighbour_change"
    }
}
