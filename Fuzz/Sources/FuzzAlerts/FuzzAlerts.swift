import Foundation

@testable import Alerting

/// What strangers send to hooks, and what people write to the bot `alerts`: whatever comes, an answer within the limits and no crash, and nothing in
/// a message that moves a cursor, hides, turns direction or breaks XML.
///
/// An input is a row of events, with 0xFE between them. An event's first byte says what it is, the second is for its choices; fields follow, with
/// 0xFF between them. Neither byte stands in UTF-8.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard var desk = FuzzDesk() else { fatalError("the desk can't be set up") }
    for event in bytes.split(separator: 0xFE).prefix(8) where event.count >= 2 {
        let choice = Int(event[event.startIndex + 1])
        let fields = event.dropFirst(2).split(separator: 0xFF, omittingEmptySubsequences: false).map(Array.init)
        switch event[event.startIndex] % 8 {
        case 0: desk.request(source: choice, fields: fields)
        case 1: desk.request(sample: choice, edits: fields)
        case 2: desk.command(fields: fields, isInThread: choice % 2 == 1)
        case 3: desk.wait(choice)
        case 4: Readers.texts(fields, limit: choice)
        case 5: Readers.target(fields)
        case 6: Readers.form(fields)
        default: Readers.schedule(fields, choice)
        }
    }
    return 0
}

/// What must hold for everything that people get to read.
enum Harmless {
    static func check(_ text: String, limit: Int, lines: Bool = true, _ what: String) {
        guard text.unicodeScalars.count <= limit else { fatalError("\(what) is longer than \(limit)") }
        var marks = 0
        for scalar in text.unicodeScalars {
            if scalar == "\n", lines {
                marks = 0
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
                guard scalar == "\u{200C}" || scalar == "\u{200D}" else {
                    fatalError("\(what) has U+\(String(scalar.value, radix: 16)) in it")
                }
                marks += 1
            case .nonspacingMark, .enclosingMark, .spacingMark: marks += 1
            default: marks = 0
            }
            guard scalar.value & 0xFFFE != 0xFFFE else { fatalError("\(what) has a noncharacter in it") }
            guard marks <= 16 else { fatalError("\(what) has a pile of marks in it") }
        }
    }
}
