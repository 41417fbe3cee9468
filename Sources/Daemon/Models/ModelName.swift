import ControlProtocol
import Foundation

/// Names of models are names of folders.
enum ModelName {
    /// - Throws: `ControlError` that says what a name may be.
    static func check(_ name: String) throws {
        guard tidied(name) == name else {
            throw ControlError(
                "model.name_malformed", "`\(name)` cannot be a model's name",
                hint:
                    "up to 100 letters, digits, `.`, `_` and `-`, beginning with a letter or digit; "
                    + "such as `\(tidied(name))`")
        }
    }

    /// The nearest name that is allowed.
    static func tidied(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": name.unicodeScalars.append(scalar)
            case ".", "_", "-": if !name.isEmpty { name.unicodeScalars.append(scalar) }
            default: if !name.isEmpty, name.last != "-" { name += "-" }
            }
        }
        name = String(name.prefix(100))
        return name.isEmpty ? "model" : name
    }

    /// The name of a file without its folders and ending.
    static func fromFile(_ path: String) -> String {
        let file = (path as NSString).lastPathComponent as NSString
        return tidied(file.deletingPathExtension)
    }
}
