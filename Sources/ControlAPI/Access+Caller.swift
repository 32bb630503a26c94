import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

extension Access {
    /// Who asks.
    /// - Throws: `unauthenticated`.
    func caller(of request: Request) async throws -> Caller {
        switch self {
        case .open: Caller(actor: Self.statedActor(request), role: .admin)
        case .tokens(let authenticate): try await authenticate(Self.token(request))
        }
    }

    /// A name that is said, not proven; cut and cleaned so that it can't forge a line of a log.
    private static func statedActor(_ request: Request) -> String {
        guard let name = HTTPFields.Element.Name(APIHeader.actor), let stated = request.headers[name] else {
            return "unknown"
        }
        var printable = ""
        for scalar in stated.unicodeScalars.prefix(128) where scalar.value >= 0x20 && scalar.value != 0x7f {
            printable.unicodeScalars.append(scalar)
        }
        return printable.isEmpty ? "unknown" : printable
    }

    private static func token(_ request: Request) throws -> String {
        let scheme = "bearer "
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix(scheme) else {
            throw TurnoutError(
                .unauthenticated, "This server asks for a token: pass --token, or set TURNOUT_TOKEN.")
        }
        return String(header.dropFirst(scheme.count))
    }
}
