import NIOCore
import XML
public import XMPP

// What came while nobody was online.
extension ClientSession {
    /// How long the archive may take for a page: its results have to be journalled before the answer behind them is read.
    private static var pageTimeout: Duration { .seconds(300) }

    /// Asks the account's archive for what came while nobody was online (XEP-0313). One reading at a time.
    ///
    /// It returns once the account has stored what was passed on, so it can't be awaited where ``events`` are taken.
    /// - Throws: ``StanzaError`` (`service-unavailable` or `feature-not-implemented` where there is no archive, `conflict` while another
    ///   reading is under way), ``SessionError``.
    public func catchUp(from position: ArchivePosition, pageSize: Int) async throws -> ArchiveOutcome {
        guard archive == nil else { throw StanzaError("conflict", .wait, text: "the archive is being read already") }
        let queryID = Randomness.identifier()
        var reading = ArchiveCatchUp(account: account, from: position, pageSize: pageSize, queryID: queryID)
        var step = reading.start()
        archive = reading
        hasLostResults = false
        defer {
            archive = nil
            pastQueries = pastQueries.suffix(Self.pastQueryLimit - 1) + [queryID]
        }
        while true {
            switch step {
            case .done(let outcome):
                try await archivedMessagesAreSafe()
                return outcome
            case .failed(let error): throw error
            case .ask(let request):
                let answer: Result<Element?, StanzaError>
                do {
                    answer = .success(try await self.request(request, timeout: Self.pageTimeout))
                } catch let error as StanzaError {
                    answer = .failure(error)
                }
                guard var open = archive else { throw offlineError }
                step = open.answered(answer)
                archive = open
            }
        }
    }

    /// Waits until the account has stored what was passed on: before that, the place to go on from isn't to be remembered.
    private func archivedMessagesAreSafe() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if unprocessedResults == 0 || Task.isCancelled { return continuation.resume() }
                archiveWaiter = continuation
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.finishArchiveWaiter() } }
        }
        try Task.checkCancellation()
        if hasLostResults { throw SessionError(.offline, "Messages from the archive of \(account) could not be stored.") }
    }

    /// The account has stored a result, or failed to.
    func resultIsDone(isSafe: Bool) {
        unprocessedResults -= 1
        if !isSafe { hasLostResults = true }
        if unprocessedResults == 0 { finishArchiveWaiter() }
    }

    private func finishArchiveWaiter() {
        archiveWaiter?.resume()
        archiveWaiter = nil
    }

    private static var pastQueryLimit: Int { 8 }

    /// A resumed session brings the results of a reading that the cut has ended. They will be read again, and are nobody's attack.
    private func isLate(_ element: Element, _ ticket: StreamManagement.Ticket?) -> Bool {
        guard let id = element.first("result", Namespace.archive)?["queryid"], pastQueries.contains(id),
            element["from"].map({ Address($0) == account }) ?? true
        else { return false }
        confirm(ticket)
        return true
    }

    /// Passes on what a result of the reading that is open holds; `false` if the stanza is none.
    func receiveResult(_ element: Element, _ ticket: StreamManagement.Ticket?) -> Bool {
        guard let finding = archive?.take(element) else { return isLate(element, ticket) }
        switch finding {
        case .message(let message, let id, let stamp): push(message, .archive(id: id, stamp: stamp), archiveID: id, ticket)
        case .skipped: confirm(ticket)
        }
        return true
    }
}
