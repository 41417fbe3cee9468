import Configuration
import Testing

@Suite struct TableTests {
    @Test func quotesCommasAndLineEnds() throws {
        let table = try CSVTable(
            text: "\u{FEFF}key,label\r\na,\"x, \"\"y\"\"\nz\"\r\n\r\nb,\n", file: "l.csv")
        #expect(table.columns == ["key", "label"])
        #expect(table.rows == [["a", "x, \"y\"\nz"], ["b", ""]])
        #expect(table.lines == [2, 5])
    }

    @Test(arguments: [
        ("", 1), ("a,a\n", 1), ("a,b\n1\n", 2), ("a,b\n1,\"2\n3", 2), ("a,b\n1,\"2\"3\n", 2),
    ])
    func brokenTablesNameTheLine(_ text: String, _ line: Int) {
        let error = #expect(throws: ConfigurationError.self) {
            try CSVTable(text: text, file: "l.csv")
        }
        #expect(error?.code == .syntax)
        #expect(error?.line == line)
    }

    @Test func labelsComeFromTheNamedColumns() throws {
        var settings = DatasetManifest.Labels(file: "labels.csv")
        settings.key = "frame"
        settings.label = "view"
        settings.split = "split"
        let text = "frame,view,split,more\nf1,3,train,x\nf2,,val,y\n"
        let labels = try DatasetLabels(csv: text, file: "labels.csv", labels: settings)
        #expect(labels.hasSplits)
        #expect(labels.rows["f1"]?.label == "3")
        #expect(labels.rows["f1"]?.columns == ["view": "3", "split": "train", "more": "x"])
        #expect(labels.rows["f2"]?.label == nil)
        #expect(labels.rows["f2"]?.split == "validation")

        settings.label = "veiw"
        let error = #expect(throws: ConfigurationError.self) {
            try DatasetLabels(csv: text, file: "labels.csv", labels: settings)
        }
        #expect(error?.hint == "did you mean `view`?")
        settings.label = nil
        #expect(throws: ConfigurationError.self) {
            try DatasetLabels(
                csv: text + "f1,1,train,z\n", file: "labels.csv", labels: settings)
        }
        #expect(throws: ConfigurationError.self) {
            try DatasetLabels(
                csv: text + "f3,1,trian,z\n", file: "labels.csv", labels: settings)
        }
    }

    @Test func nearNames() {
        #expect(
            NearestKey.of("learning-rate", among: ["learning_rate", "epochs"]) == "learning_rate")
        #expect(NearestKey.of("epcohs", among: ["epochs", "batch"]) == "epochs")
        #expect(NearestKey.of("colour", among: ["epochs", "batch"]) == nil)
        #expect(NearestKey.of("", among: ["a"]) == nil)
    }
}
