import Catalog
import Configuration
import ControlProtocol
import Foundation

/// Recipes as they come over the socket.
enum RecipeReading {
    /// The recipe and its TOML text.
    ///
    /// - Throws: `ConfigurationError` with line or key path.
    static func read(_ body: RecipeBody) throws -> (Recipe, String) {
        let text: String
        switch body.recipe {
        case .toml(let toml): text = toml
        case .object(let members): text = try TOMLText.of(members)
        }
        return (try Recipe(toml: text, file: body.file ?? "recipe"), text)
    }

    /// Whether everything the recipe names is there: better said now than when its turn comes.
    static func check(_ recipe: Recipe, _ services: DaemonServices) async throws {
        _ = try await services.catalog.dataset(recipe.dataset.name)
        if let teacher = recipe.teacher {
            let model = try await services.catalog.model(teacher.model)
            guard model.modality == teacher.modality else {
                throw ControlError(
                    "recipe.teacher_modality",
                    "teacher.modality is `\(teacher.modality)`, but the model `\(model.name)` looks "
                        + "at `\(model.modality)`",
                    hint: "write modality = \"\(model.modality)\" under [teacher]")
            }
        }
        if case .model(let name) = recipe.student.initialise {
            _ = try await services.catalog.model(name)
        }
    }
}
