import CBareGPGME
import CBareMail

/// The C loop's side: what each call gives out is taken over and freed.
func bareSeal(_ gpgme: OpaquePointer, _ text: String, _ file: [UInt8]?) throws {
    var count = 0
    let formatted = (file ?? []).withUnsafeBytes {
        bare_mail_format(text, file == nil ? nil : $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &count)
    }
    defer { bare_mail_free(formatted) }
    var (sealed, sealedCount): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    let code = bare_gpgme_seal(gpgme, formatted, count, &sealed, &sealedCount)
    defer { bare_gpgme_free(sealed) }
    guard code == 0 else { throw GREBench.Failure(what: "GPGME's error \(code)") }
    var encodedCount = 0
    bare_mail_free(bare_mail_base64(sealed, sealedCount, &encodedCount))
}

/// Signs and encrypts a mail, and gives the base64 that a gateway brings.
func bareEncrypt(_ gpgme: OpaquePointer, _ mail: [UInt8]) throws -> String {
    var (sealed, count): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    let code = mail.withUnsafeBytes {
        bare_gpgme_seal(gpgme, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &sealed, &count)
    }
    defer { bare_gpgme_free(sealed) }
    guard code == 0 else { throw GREBench.Failure(what: "GPGME's error \(code)") }
    var encodedCount = 0
    let text = bare_mail_base64(sealed, count, &encodedCount)
    defer { bare_mail_free(text) }
    guard let text else { throw GREBench.Failure(what: "no base64") }
    return String(cString: text)
}

func bareOpen(_ gpgme: OpaquePointer, _ base64: String, bytes: Int) throws {
    var binaryCount = 0
    let binary = bare_mail_unbase64(base64, base64.utf8.count, &binaryCount)
    defer { bare_mail_free(binary) }
    var (opened, count): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    let code = bare_gpgme_open(gpgme, binary, binaryCount, &opened, &count)
    defer { bare_gpgme_free(opened) }
    guard code == 0 else { throw GREBench.Failure(what: "GPGME's error \(code)") }
    guard bare_mail_parse(opened, count) > bytes else { throw GREBench.Failure(what: "the mail can't be read") }
}
