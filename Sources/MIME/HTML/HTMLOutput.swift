/// Text in the making: white space is collapsed as a browser does, and blocks stand apart.
struct HTMLOutput {
    private(set) var bytes: [UInt8] = []
    private var hasGap = false
    /// LFs at the end.
    private var ends = 0
    /// How many `<pre>` are open.
    private var preformatted = 0

    /// A byte of text.
    mutating func byte(_ byte: UInt8) {
        let isBlank = byte == 0x20 || (0x09...0x0D).contains(byte)
        if isBlank, preformatted == 0 {
            hasGap = true
        } else if byte == 0x0A {
            line()
        } else {
            if hasGap, !bytes.isEmpty, ends == 0 { bytes.append(0x20) }
            hasGap = false
            ends = 0
            bytes.append(byte)
        }
    }

    /// Text that isn't markup any more.
    mutating func text(_ text: String) {
        for unit in text.utf8 { byte(unit) }
    }

    /// A space, unless a line begins here.
    mutating func gap() { hasGap = true }

    /// A line end.
    mutating func line() {
        hasGap = false
        guard !bytes.isEmpty else { return }
        bytes.append(0x0A)
        ends += 1
    }

    /// Ends the line, so that `count` LFs stand at the end.
    mutating func lines(_ count: Int) {
        hasGap = false
        while !bytes.isEmpty, ends < count { line() }
    }

    /// An item of a list.
    mutating func item() {
        lines(1)
        bytes += "- ".utf8
        ends = 1
    }

    /// Opens (1) or closes (-1) preformatted text.
    mutating func keepsSpace(_ change: Int) { preformatted = max(0, preformatted + change) }
}
