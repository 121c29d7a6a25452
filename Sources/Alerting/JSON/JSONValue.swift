import Foundation

/// A JSON value that was read within limits.
public indirect enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true`, `false`
    case bool(Bool)
    /// A number, as text: whole numbers as they stood, others in the shortest form that means the same double.
    case number(String)
    /// A text, as it stood: not yet fit for a chat line.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// An object. Of a key given twice one value is kept.
    case object([String: JSONValue])

    /// Reads a body.
    ///
    /// Depth and number of values are counted before anything is built, so that hostile nesting costs a scan and no stack.
    public static func read(_ bytes: [UInt8], limits: SourceLimits = SourceLimits()) throws(SourceError) -> JSONValue {
        try JSONScan.check(bytes, limits: limits)
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        } catch {
            throw SourceError(.unreadable, "the body isn't valid JSON" + place(of: error))
        }
        return JSONValue(foundation: value)
    }

    private static func place(of error: any Error) -> String {
        let text = (error as NSError).userInfo["NSDebugDescription"] as? String ?? ""
        guard let found = text.firstMatch(of: /line ([0-9]{1,9}), column ([0-9]{1,9})/) else { return "" }
        return ": line \(found.1), column \(found.2)"
    }

    private init(foundation value: Any) {
        switch value {
        case let text as String:
            self = .string(text)
        case let number as NSNumber:
            self = Self.number(number)
        case let list as [Any]:
            self = .array(list.map { JSONValue(foundation: $0) })
        case let object as [String: Any]:
            self = .object(object.mapValues { JSONValue(foundation: $0) })
        default:
            self = .null
        }
    }

    /// Foundation keeps a truth value as a number of the C type `char`; no number in JSON becomes one of those.
    private static func number(_ number: NSNumber) -> JSONValue {
        // Whole numbers beyond 64 bits come as decimals, which say they are doubles.
        if let decimal = number as? NSDecimalNumber {
            let text = decimal.stringValue
            if text.utf8.count <= 40, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) { return .number(text) }
        }
        switch UInt8(bitPattern: number.objCType.pointee) {
        case UInt8(ascii: "c"), UInt8(ascii: "B"): return .bool(number.boolValue)
        case UInt8(ascii: "d"), UInt8(ascii: "f"):
            let value = number.doubleValue
            if let whole = Int64(exactly: value), abs(value) < 1e15 { return .number(String(whole)) }
            return .number("\(value)")
        case UInt8(ascii: "Q"): return .number(String(number.uint64Value))
        default: return .number(String(number.int64Value))
        }
    }

    /// What it is, for error messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// A string, number or truth value as text; `nil` for the rest.
    public var scalar: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
