import Postgres
import Testing

/// The code of the error that `work` throws; `nil` when it throws none of ours.
func code<Value>(_ work: () throws -> Value) -> PostgresError.Code? {
    do {
        _ = try work()
        return nil
    } catch {
        return (error as? PostgresError)?.code
    }
}

/// Expects `work` to throw an error with this code, and returns that error.
@discardableResult
func expectCode<Value>(
    _ code: PostgresError.Code, location: SourceLocation = #_sourceLocation, _ work: () async throws -> Value
) async -> PostgresError? {
    do {
        _ = try await work()
        Issue.record("nothing was thrown where \(code) was expected", sourceLocation: location)
        return nil
    } catch let error as PostgresError {
        #expect(error.code == code, "\(error.operatorDetail)", sourceLocation: location)
        return error
    } catch {
        Issue.record("\(error) was thrown where \(code) was expected", sourceLocation: location)
        return nil
    }
}
