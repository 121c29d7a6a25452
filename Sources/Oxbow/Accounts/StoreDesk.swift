import Delivery

/// What an operator can do with the store while it is in use: `oxbow store check|backup`, with a daemon or without.
struct StoreDesk: Sendable {
    let upkeep: (any StoreUpkeep)?

    /// Does what is asked.
    ///
    /// - Throws: ``ControlError``.
    func answer(_ request: StoreRequest) async throws -> StoreReport {
        guard let upkeep else { throw ControlError(.failed, "this process has no store to look after") }
        do {
            switch request.action {
            case .check: try await upkeep.verify()
            case .backup:
                guard let target = request.target, target.hasPrefix("/") else {
                    throw ControlError(.usage, "a backup needs the absolute path of a file")
                }
                try await upkeep.backup(to: target)
            }
            return StoreReport(request.action)
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }
}

extension Runtime {
    /// Checks the store, or writes a copy of it.
    public func store(_ request: StoreRequest) async throws -> StoreReport {
        try await StoreDesk(upkeep: house.memories.upkeep).answer(request)
    }
}
