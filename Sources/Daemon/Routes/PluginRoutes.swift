import Configuration
import ControlProtocol
import NIOHTTP1

/// `/v1/plugins` and below.
enum PluginRoutes {
    static let list = Route(.GET, "/v1/plugins", needs: .read) { services, _ in
        let folders = services.settings.current.pluginFolders
        return try .json(
            PluginsReply(plugins: PluginListing.list(folders: folders), folders: folders))
    }

    static let unquarantine = Route(.POST, "/v1/plugins/{id}/unquarantine", needs: .administer) {
        services, request in
        let id = request.parameter("id")
        let plugins = PluginListing.list(folders: services.settings.current.pluginFolders)
        guard let plugin = plugins.first(where: { $0.id == id && $0.state != "shadowed" }) else {
            throw ControlError(
                "plugin.not_found", "there is no plugin `\(id)`",
                hint: "`distillctl plugins list` shows those that exist")
        }
        // What was hindered by it is looked at again.
        services.inspection.retry()
        return try .json(PluginReply(plugin: plugin))
    }
}
