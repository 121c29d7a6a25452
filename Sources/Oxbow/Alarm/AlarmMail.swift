import CCurl
import Dispatch
import Foundation
import Synchronization
import YAMLConfiguration

/// A mail that says that something is wrong: one part of plain text, marked as written by a machine (RFC 3834).
struct AlarmMail: Sendable {
    /// The message with its header, its lines ended by CRLF.
    let text: String

    /// Writes the mail.
    ///
    /// - Parameters:
    ///   - body: What it says, in lines.
    ///   - settings: From whom and to whom.
    ///   - now: Seconds since 1970.
    ///   - id: What its Message-ID begins with.
    init(_ body: String, settings: AlarmMailSettings, now: Int64, id: String = Identifier.random()) {
        let count = body.split(separator: "\n").count
        let domain = settings.sender.split(separator: "@").last ?? "localhost"
        // RFC 5322 § 2.1.1, with room to spare: addresses may be long, and in any script.
        let isPlain = body.utf8.allSatisfy { $0 < 0x80 } && body.split(separator: "\n").allSatisfy { $0.utf8.count <= 900 }
        let lines =
            [
                "From: <\(settings.sender)>",
                "To: " + settings.recipients.map { "<\($0)>" }.joined(separator: ",\r\n "),
                "Subject: Oxbow: " + (count == 1 ? "1 notice" : "\(count) notices"),
                "Date: \(Self.date(now))",
                "Message-ID: <\(id)@\(domain)>",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: " + (isPlain ? "7bit" : "base64"),
                "",
            ]
            + (isPlain
                ? body.components(separatedBy: "\n")
                : [
                    Data((body + "\n").utf8).base64EncodedString(options: [
                        .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
                    ])
                ])
        text = lines.joined(separator: "\r\n") + "\r\n"
    }

    /// A date of RFC 5322 § 3.3, in UTC, whatever the process's locale.
    private static func date(_ now: Int64) -> String {
        var (seconds, parts) = (time_t(now), tm())
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(days[Int(parts.tm_wday)]), \(parts.tm_mday) \(months[Int(parts.tm_mon)]) \(Int(parts.tm_year) + 1900)"
        return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }

    /// Where mails are sent, one at a time: that blocks.
    private static let queue = DispatchQueue(label: "oxbow-mail")

    /// Sends it, and returns once the server has taken it.
    ///
    /// - Parameters:
    ///   - settings: By which server, from whom, to whom.
    ///   - password: What ``AlarmMailSettings/password`` refers to.
    /// - Throws: `Complaint` that says what the operator can do about it; nothing that the server said stands in it. `CancellationError`.
    func send(through settings: AlarmMailSettings, password: String?) async throws {
        Host.ignoreBrokenPipes()
        let stop = Stop()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Self.queue.async { continuation.resume(returning: perform(settings, password, stop)) }
            }
        } onCancel: {
            stop.flag.store(true, ordering: .relaxed)
        }
        if let failure = outcome.failure(settings) { throw failure }
    }

    /// Tells the thread that nobody waits any more.
    private final class Stop: Sendable {
        let flag = Atomic(false)
    }

    private func perform(_ settings: AlarmMailSettings, _ password: String?, _ stop: Stop) -> Outcome {
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        let url = "\(settings.tls == .direct ? "smtps" : "smtp")://\(host):\(settings.effectivePort)"
        let strings = CStrings([url, settings.ca, settings.user, password, settings.sender] + settings.recipients)
        let bytes = Array(text.utf8)
        var outcome = Outcome()
        bytes.withUnsafeBufferPointer { bytes in
            strings.pointers.dropFirst(5).map(\.self).withUnsafeBufferPointer { recipients in
                var mail = oxbow_mail()
                mail.url = strings.pointers[0]
                mail.starttls = settings.tls == .starttls ? 1 : 0
                mail.authorities = strings.pointers[1]
                mail.user = strings.pointers[2]
                mail.password = strings.pointers[3]
                mail.sender = strings.pointers[4]
                mail.recipients = recipients.baseAddress
                mail.recipient_count = recipients.count
                mail.text = bytes.baseAddress
                mail.length = bytes.count
                mail.limit = Int(AlarmSettings.mailTime / .milliseconds(1))
                mail.context = Unmanaged.passUnretained(stop).toOpaque()
                mail.stop = { context in
                    guard let context else { return 0 }
                    return Unmanaged<Stop>.fromOpaque(context).takeUnretainedValue().flag.load(ordering: .relaxed) ? 1 : 0
                }
                outcome.result = withExtendedLifetime((stop, strings)) { oxbow_mail_send(&mail, &outcome.status, &outcome.detail) }
            }
        }
        return outcome
    }
}

extension AlarmMail {
    /// What became of a mail.
    private struct Outcome: Sendable {
        var result = Int32(OXBOW_MAIL_FAILED)
        var status = 0
        var detail = Int32(0)

        /// What to tell the operator; `nil` if it was sent.
        func failure(_ settings: AlarmMailSettings) -> (any Error)? {
            let server = "the mail server \(settings.host), port \(settings.effectivePort),"
            let words = oxbow_web_words(detail).map { String(cString: $0) } ?? "error \(detail)"
            return switch result {
            case Int32(OXBOW_MAIL_SENT): nil
            case Int32(OXBOW_MAIL_STOPPED): CancellationError()
            case Int32(OXBOW_MAIL_UNREACHABLE): Complaint("\(server) can't be reached", hint: "check alarm.smtp: host and port")
            case Int32(OXBOW_MAIL_UNTRUSTED):
                Complaint("the certificate of \(server) is not accepted (\(words))", hint: "check alarm.smtp: host and ca")
            case Int32(OXBOW_MAIL_NO_TLS): Complaint("\(server) offers no TLS; nothing was sent", hint: "check alarm.smtp: port and tls")
            case Int32(OXBOW_MAIL_LOGIN): Complaint("\(server) refuses user and password", hint: "check alarm.smtp: user and password")
            case Int32(OXBOW_MAIL_REFUSED):
                Complaint("\(server) refuses the mail (\(status))", hint: "check alarm.smtp: user, from and to; the server's log says more")
            case Int32(OXBOW_MAIL_TIMED_OUT): Complaint("\(server) took longer than \(AlarmSettings.mailTime)")
            case Int32(OXBOW_MAIL_AUTHORITIES):
                Complaint(
                    "the certification authorities can't be read from \(settings.ca ?? "where the system has them")",
                    hint: "install ca-certificates, or check alarm.smtp: ca"
                )
            case Int32(OXBOW_MAIL_BROKEN):
                Complaint("the connection to \(server) failed (\(words))", hint: "check alarm.smtp: port and tls")
            default: Complaint("no mail can be sent (\(words))", hint: "check that libcurl is installed whole")
            }
        }
    }
}

/// Texts as C has them, for the time of one call; overwritten before they are freed, since one is a password.
private final class CStrings {
    let pointers: [UnsafePointer<CChar>?]

    init(_ texts: [String?]) {
        pointers = texts.map { text in text.flatMap { strdup($0) }.map { UnsafePointer($0) } }
    }

    deinit {
        for pointer in pointers {
            guard let pointer else { continue }
            let text = UnsafeMutablePointer(mutating: pointer)
            explicit_bzero(text, strlen(text))
            free(text)
        }
    }
}
