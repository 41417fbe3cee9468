import Configuration
import Foundation
import Testing

@Suite struct DaemonSettingsTests {
    private func surroundings(
        _ environment: [String: String], root: Bool = false, executable: String? = nil
    ) -> Surroundings {
        Surroundings(
            environment: environment, isRoot: root, currentFolder: "/work", executable: executable)
    }

    @Test func rootUsesTheSystemsPlaces() throws {
        let settings = try DaemonSettings(
            toml: "", file: nil, surroundings: surroundings(["HOME": "/root"], root: true))
        #expect(settings.socket == "/run/distilld/distilld.sock")
        #expect(settings.state == "/var/lib/distilld")
        #expect(settings.datasets == ["/var/lib/distilld/datasets"])
        #expect(settings.cacheFolder == "/var/cache/distilld")
        #expect(
            DefaultPaths(surroundings([:], root: true)).configuration
                == "/etc/distilld/distilld.toml")
    }

    @Test func usersGetTheXDGPlaces() throws {
        let user = surroundings(["HOME": "/home/u", "XDG_RUNTIME_DIR": "/run/user/7"])
        let settings = try DaemonSettings(toml: "", file: nil, surroundings: user)
        #expect(settings.socket == "/run/user/7/distilld/distilld.sock")
        #expect(settings.state == "/home/u/.local/state/distilld")
        #expect(settings.datasets == ["/home/u/.local/share/distilld/datasets"])
        #expect(settings.cacheFolder == "/home/u/.cache/distilld")
        #expect(DefaultPaths(user).configuration == "/home/u/.config/distilld/distilld.toml")
        // Without a runtime folder the socket lies with the state.
        let bare = surroundings(["HOME": "/home/u"])
        let without = try DaemonSettings(
            toml: "", file: nil, overrides: .init(state: "s"), surroundings: bare)
        #expect(without.socket == "/work/s/distilld.sock")
        #expect(without.cacheFolder == "/work/s/cache")
        #expect(without.datasets == ["/work/s/datasets"])
    }

    @Test func servicesUseWhatTheirManagerMade() throws {
        let service = surroundings([
            "STATE_DIRECTORY": "/var/lib/distilld", "RUNTIME_DIRECTORY": "/run/distilld",
            "CACHE_DIRECTORY": "/var/cache/distilld", "CONFIGURATION_DIRECTORY": "/etc/distilld",
            "INVOCATION_ID": "x", "DISTILL_PLUGIN_PATH": "/evil",
        ])
        let settings = try DaemonSettings(toml: "", file: nil, surroundings: service)
        #expect(settings.socket == "/run/distilld/distilld.sock")
        #expect(settings.state == "/var/lib/distilld")
        #expect(!settings.pluginFolders.contains("/evil"))
    }

    @Test func theCommandLineOverridesTheFile() throws {
        let toml = """
            socket = "run/d.sock"
            state = "/srv/state"
            datasets = "/srv/data"
            threads = 3
            [cache]
            folder = "~/cache"
            quota_gb = 2.5
            [plugins]
            folders = ["plugins"]
            [queue]
            workers = 2
            [log]
            level = "debug"
            """
        let user = surroundings(["HOME": "/home/u"])
        let plain = try DaemonSettings(toml: toml, file: "/etc/d/d.toml", surroundings: user)
        #expect(plain.socket == "/etc/d/run/d.sock")
        #expect(plain.datasets == ["/srv/data"])
        #expect(plain.cacheFolder == "/home/u/cache")
        #expect(plain.cacheQuota == 2_500_000_000)
        #expect(plain.pluginFolders.first == "/etc/d/plugins")
        #expect(plain.workers == 2)
        #expect(plain.logLevel == .debug)
        let overridden = try DaemonSettings(
            toml: toml, file: "/etc/d/d.toml",
            overrides: .init(socket: "/s", state: "../t", datasets: ["a", "b"]), surroundings: user)
        #expect(overridden.socket == "/s")
        #expect(overridden.state == "/t")
        #expect(overridden.datasets == ["/work/a", "/work/b"])
        // Written out and read again it is the same.
        let again = try DaemonSettings(
            toml: plain.toml, file: "/etc/d/d.toml", surroundings: user)
        #expect(again.socket == plain.socket)
        #expect(again.pluginFolders == plain.pluginFolders)
    }

    @Test func longSocketPathsAreRefused() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        let error = #expect(throws: ConfigurationError.self) {
            try DaemonSettings(
                toml: "", file: nil, overrides: .init(socket: path),
                surroundings: surroundings(["HOME": "/h"]))
        }
        #expect(error?.code == .socketPath)
        #expect(error?.message.contains("108 bytes, expected at most 107") == true)
        #expect(throws: Never.self) { try SocketPath.check(String(path.dropLast()), from: "x") }
    }

    @Test func pluginFoldersComeInOrder() {
        let folders = PluginFolders.search(
            configured: ["/c"],
            surroundings(
                ["HOME": "/h", "XDG_DATA_HOME": "/x", "DISTILL_PLUGIN_PATH": "/p:q"],
                executable: "/opt/bin/distilld"))
        #expect(
            folders == [
                "/p", "/work/q", "/c", "/x/distilld/plugins", "/etc/distilld/plugins.d",
                "/opt/lib/distilld/plugins", "/opt/plugins", "/opt/bin/plugins",
                "/usr/local/lib/distilld/plugins", "/usr/lib/distilld/plugins",
            ])
    }

    @Test func aNamedFileMustBeReadable() throws {
        let user = surroundings(["HOME": "/nowhere"])
        let error = #expect(throws: ConfigurationError.self) {
            try DaemonSettings.load(
                configuration: "missing.toml", overrides: .init(), surroundings: user)
        }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains("/work/missing.toml") == true)
        #expect(
            try DaemonSettings.load(configuration: nil, overrides: .init(), surroundings: user).file
                == nil)
        let stranger = #expect(throws: ConfigurationError.self) {
            try DaemonSettings(toml: "[quue]\nworkers = 1", file: "d.toml", surroundings: user)
        }
        #expect(stranger?.hint == "did you mean `queue`?")
    }
}

@Suite struct PreprocessingSettingsTests {
    @Test func presetsAndFiles() throws {
        #expect(try PreprocessingSettings(presetOrTOML: "imagenet", file: "") == .imagenet)
        #expect(try PreprocessingSettings(presetOrTOML: "unit", file: "") == .unit)
        let settings = try PreprocessingSettings(
            presetOrTOML: "channels = \"bgr\"\nscale = 1\nmean = [104, 117, 123.5]\nsize = 227",
            file: "p.toml")
        #expect(settings.channels == .bgr)
        #expect(settings.mean == [104, 117, 123.5])
        #expect(settings.std == [1, 1, 1])
        #expect(try PreprocessingSettings(toml: settings.toml, file: "p.toml") == settings)
        let cut = try PreprocessingSettings(
            toml: "resize = \"bicubic\"\ncrop = 0.875\nmean = [0.5, 0.5, 0.5]", file: "p.toml")
        #expect(cut.resize == .bicubic && cut.crop == 0.875)
        #expect(try PreprocessingSettings(toml: cut.toml, file: "p.toml") == cut)
    }

    @Test(arguments: [
        ("mean = [1, 2]", "p.toml: `mean` is a list of 2, expected a list of 3 numbers"),
        ("std = [1, 0, 1]", "p.toml: `std[2]` is 0, expected a number above 0"),
        (
            "channels = \"gbr\"",
            "p.toml: `channels` is the string \"gbr\", expected `bgr` or `rgb`; did you mean `bgr`?"
        ),
        (
            "colour = 1",
            "unknown key `colour` in p.toml; known here: `channels`, `crop`, `mean`, `resize`, `scale`, `size` or `std`"
        ),
        (
            "crop = 256",
            "p.toml: `crop` is 256.0, expected a part of the shorter side, at most 1; 224 pixels of 256 are 0.875"
        ),
        (
            "mean = [123.675, 116.28, 103.53]\nstd = [58.395, 57.12, 57.375]",
            "p.toml: `mean` is 123.675, expected numbers within the 0 to 1 of the pixels; "
                + "for statistics of 0 to 255 write scale = 1.0, or divide mean and std by 255"
        ),
        (
            "scale = 1\nmean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]",
            "p.toml: `std` is 0.5, expected the spread of pixels of 0 to 255; "
                + "for statistics of 0 to 1 leave scale out: it is 1/255"
        ),
        (
            "std = [58.395, 57.12, 57.375]",
            "p.toml: `std` is 58.395, expected the spread of pixels of 0 to 1; "
                + "for statistics of 0 to 255 write scale = 1.0, or divide mean and std by 255"
        ),
        (
            "scale = 1\nmean = [0.485, 0.456, 0.406]\nstd = [0.229, 0.224, 0.225]",
            "p.toml: `std` is 0.229, expected the spread of pixels of 0 to 255; "
                + "for statistics of 0 to 1 leave scale out: it is 1/255"
        ),
    ])
    func mistakesAreNamed(_ text: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try PreprocessingSettings(toml: text, file: "p.toml")
        }
        #expect(error?.description == message)
    }
}
