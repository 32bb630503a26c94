import Foundation

/// Makes a directory for a process's data.
///
/// - Throws: `ConfigurationFault` naming `--data` when that can't be.
func makeDataDirectory(_ path: String) throws(ConfigurationFault) {
    do {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    } catch {
        throw ConfigurationFault(key: "--data (TURNOUT_DATA)", message: "'\(path)' can't be made: \(error)")
    }
    guard access(path, W_OK) == 0 else {
        throw ConfigurationFault(key: "--data (TURNOUT_DATA)", message: "'\(path)' can't be written")
    }
}

/// A path that stays right when another process is told it.
func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
