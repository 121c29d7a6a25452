import CQREncode

/// A QR symbol: a square of dark and light modules.
struct QRCode: Sendable, Hashable {
    /// How many modules a side has, without the quiet zone around it.
    let width: Int
    /// The modules, row by row; `true` is dark.
    let modules: [Bool]

    /// The light modules that must be around a symbol.
    static let quietZone = 4

    /// Makes the smallest symbol that holds a text; `nil` if none is large enough (some 2,300 bytes).
    init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: Int(OXBOW_QR_WIDEST) * Int(OXBOW_QR_WIDEST))
        let content = Array(text.utf8)
        let width = Int(oxbow_qr_encode(content, content.count, &bytes, bytes.count))
        guard width > 0 else { return nil }
        self.width = width
        modules = bytes.prefix(width * width).map { $0 != 0 }
    }

    /// The symbol as the path of an SVG, a unit a module, quiet zone included; runs of dark modules are one piece each.
    var path: String {
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                guard modules[row * width + column] else {
                    column += 1
                    continue
                }
                let start = column
                while column < width, modules[row * width + column] { column += 1 }
                path += "M\(start + Self.quietZone) \(row + Self.quietZone)h\(column - start)v1h-\(column - start)z"
            }
        }
        return path
    }

    /// The side of the SVG's square, in modules.
    var side: Int { width + 2 * Self.quietZone }
}
