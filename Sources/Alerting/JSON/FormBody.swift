/// `application/x-www-form-urlencoded`, as browsers, GitHub and old Slack clients send it.
enum FormBody {
    /// The fields by name; of a name given twice, the last. At most 100 are read.
    static func read(_ bytes: [UInt8]) -> [String: [UInt8]] {
        var fields: [String: [UInt8]] = [:]
        for pair in bytes.split(separator: UInt8(ascii: "&"), maxSplits: 100) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.map({ String(decoding: decoded($0), as: UTF8.self) }) else { continue }
            fields[name] = parts.count > 1 ? decoded(parts[1]) : []
        }
        return fields
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), bytes.endIndex - index > 2, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

extension SourceRequest {
    /// The body as JSON: itself, or the form field `payload`, which GitHub and Slack use.
    func json(_ limits: SourceLimits) throws(SourceError) -> JSONCursor {
        guard body.count <= limits.body else {
            throw SourceError(.tooLarge, "the body has \(body.count) bytes; at most \(limits.body) are read")
        }
        guard mediaType == "application/x-www-form-urlencoded" else { return JSONCursor(try JSONValue.read(body, limits: limits)) }
        if let payload = FormBody.read(body)["payload"] { return JSONCursor(try JSONValue.read(payload, limits: limits)) }
        // curl -d says "form" whatever it sends: what begins as JSON is JSON.
        if let first = body.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return JSONCursor(try JSONValue.read(body, limits: limits))
        }
        throw SourceError(.contentType, "the form has no field `payload`; send JSON with Content-Type: application/json")
    }
}
