import Logging
import XMPP

// What lets another process take the session over (R12).
extension ClientSession {
    /// Something to be stored.
    struct RecordJob: Sendable {
        /// The session, or `nil` if there is none any more.
        let record: ResumptionRecord?
        /// What the stream wants to hear of it.
        let mark: StreamManagement.Mark?
    }

    /// Takes up the session of an earlier process, if there is one.
    func recallSession() async {
        guard let resumptions, resumption == nil else { return }
        do {
            guard let record = try await resumptions.resumption(of: account), record.address.bare == account else { return }
            // The operator has given the account another resource.
            if let resource = configuration.address.resource, resource != record.address.resource { return }
            takenOver = record
            hasRecord = true
            resumption = StreamManagement(resuming: record, session: Randomness.number(), isRecorded: true)
        } catch {
            logger.warning("the last session can't be read from the state; a new one is made: \(error)")
        }
    }

    /// Has something stored, behind what waits already.
    func store(_ record: ResumptionRecord?, _ mark: StreamManagement.Mark?) {
        guard resumptions != nil, record != nil || hasRecord else { return }
        hasRecord = record != nil
        records.append(RecordJob(record: record, mark: mark))
        guard !isWritingRecords else { return }
        addJob.yield(.writeRecords)
    }

    /// Stores what waits, one after the other: an older record must not replace a newer one.
    func writeRecords() async {
        guard let resumptions, !isWritingRecords else { return }
        isWritingRecords = true
        while !records.isEmpty {
            let job = records.removeFirst()
            var success = true
            do {
                try await resumptions.setResumption(job.record, of: account)
            } catch {
                success = false
                logger.warning("the session could not be stored; a crash would lose it: \(error)")
            }
            if let mark = job.mark { reportStored(mark, success) }
        }
        isWritingRecords = false
    }

    private func reportStored(_ mark: StreamManagement.Mark, _ success: Bool) {
        if let link, link.ending == nil {
            link.handler.report(.recorded(mark, success))
        } else {
            resumption?.recorded(mark, success)
        }
    }
}
