import Testing
import YAMLConfiguration

@Suite("Variables")
struct SubstitutionTests {
    private let environment = ["A": "one", "EMPTY": "", "N": "7"]

    @Test(
        "are put in",
        arguments: [
            ("${A}", "one"), ("x${A}y${A}", "xoneyone"), ("${NO:-default}", "default"), ("${EMPTY:-default}", "default"), ("${EMPTY}", ""),
            ("${NO:-}", ""), ("$${A}", "${A}"), ("a$$b", "a$b"), ("'^ping$'", "^ping$"), ("'a$(b)'", "a$(b)"), ("${NO:-a:b}", "a:b"),
            ("$A", "$A"),
        ]
    )
    func put(text: String, expected: String) {
        #expect(value(text, .string, environment: environment).value == expected)
    }

    @Test("what is missing is named with its place and key")
    func missing() {
        #expect(
            value("a${NOPE}", .string, environment: environment).complaint
                == "config.yaml:1:4: x: the environment has no variable NOPE; set it, or write ${NOPE:-default}"
        )
        #expect(value("'${A'", .string).complaint == "config.yaml:1:4: x: '${' without '}'; write '$$' for a dollar sign")
        #expect(value("'${a b}'", .string).complaint.contains("'a b' is no name of a variable"))
        #expect(value("'${A:=1}'", .string).complaint.contains("must be followed by '-'"))
        #expect(value("'${}'", .string).complaint.contains("is no name of a variable"))
    }

    @Test("numbers and paths take them too, and what they hold is not put in again")
    func everywhere() {
        #expect(value("${N}", .integer(1...9), environment: environment).value == 7)
        #expect(value("${X}", .string, environment: ["X": "${Y}"]).value == "${Y}")
    }
}
