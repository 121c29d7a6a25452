import Foundation
import Testing

@testable import YAMLConfiguration

@Suite("Variables from files")
struct VariableTests {
    @Test("NAME_FILE stands in for NAME wherever a variable may stand, without the last line break")
    func twins() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["A_FILE": folder + "/a", "N_FILE": folder + "/n", "P_FILE": folder + "/p"]
            try Bytes.write("one\n", to: folder + "/a")
            try Bytes.write("7\r\n", to: folder + "/n")
            try Bytes.write("${A}\n\n", to: folder + "/p")
            #expect(value("x${A}y${A}", .string, environment: environment).value == "xoneyone")
            #expect(value("${A:-default}", .string, environment: environment).value == "one")
            #expect(value("${N}", .integer(1...9), environment: environment).value == 7)
            #expect(value("${P}", .string, environment: environment).value == "${A}\n", "what a file holds is not put in again")
            for text in ["${A}", "{env: A}"] {
                let secret = try value(text, .secret, environment: environment).get()
                #expect(try await secret.resolve(environment: environment) == "one")
                #expect(secret.inspect(environment: environment).error == nil)
                #expect(secret.files(environment: environment) == [folder + "/a"])
            }
            // A secret is fetched late: what the file holds by then counts.
            let late = try value("${A}", .secret, environment: environment).get()
            try Bytes.write("two", to: folder + "/a")
            #expect(try await late.resolve(environment: environment) == "two")
        }
    }

    @Test("both at once are an error that names both; one of them that is empty counts as not there")
    func both() async throws {
        try await withTemporaryFolder { folder in
            try Bytes.write("hunter2", to: folder + "/a")
            let both = ["A": "hunter3", "A_FILE": folder + "/a"]
            let complaint = "config.yaml:1:4: x: the environment has both A and A_FILE; set one of them only"
            #expect(value("${A:-default}", .string, environment: both).complaint == complaint)
            let secret = try value("{env: A}", .secret).get()
            #expect(secret.inspect(environment: both).error?.description == complaint)
            await #expect(throws: ConfigurationError.self) { try await secret.resolve(environment: both) }
            #expect(value("${A}", .string, environment: ["A": "", "A_FILE": folder + "/a"]).value == "hunter2")
            #expect(value("${A}", .string, environment: ["A": "one", "A_FILE": ""]).value == "one")
        }
    }

    @Test("a file that can't be had is an error, also where there is a default; an empty one takes the default")
    func unreadable() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["A_FILE": folder + "/a"]
            for text in ["${A}", "${A:-default}"] {
                #expect(
                    value(text, .string, environment: environment).complaint
                        == "config.yaml:1:4: x: A_FILE: can't open \(folder)/a: no such file or directory"
                )
            }
            try Bytes.write("\n", to: folder + "/a")
            #expect(value("${A:-default}", .string, environment: environment).value == "default")
            try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder + "/a"))
            #expect(value("${A}", .string, environment: environment).complaint.contains("A_FILE: \(folder)/a is not UTF-8 text"))
            try Bytes.write(String(repeating: "x", count: Variable.limit + 1), to: folder + "/a")
            #expect(value("${A}", .string, environment: environment).complaint.contains("is larger than 65536 bytes"))
        }
    }
}
