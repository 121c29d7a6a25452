import Foundation
import Testing
import YAMLConfiguration

@testable import Oxbow

@Suite("Programs that can't be started")
struct ProgramProblemTests {
    @Test(
        "A script whose interpreter isn't there is found before it is started",
        arguments: [
            ("#!/no/such/python3\n", true), ("#!/usr/bin/env no-such-program\n", true), ("#!\n", true), ("#!/bin/sh -e\n", false),
            ("#!/usr/bin/env -S sh -e\n", false), ("#! /bin/sh", false),
        ]
    )
    func interpreter(_ start: String, isProblem: Bool) throws {
        let path = NSTemporaryDirectory() + "/program-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(start.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let problem = ProgramProblem.problem(ofScript: path)?.message
        #expect((problem != nil) == isProblem, "\(problem ?? "nothing")")
        if isProblem { #expect(problem?.contains("the first line of \(path)") == true) }
    }
}
