import Testing
import XML

@testable import XMPP

/// Logins as transcripts, with servers that behave and servers that don't.
@Suite struct LoginTests {
    static let exporter = ChannelBinding(.exporter, Array(0..<32))
    static let endPoint = ChannelBinding(.serverEndPoint, Array(32..<64))
    static let nonce = Base64.encode([UInt8](repeating: 0xAB, count: 24))
    static let ended = [Transcript.end, "ended login", "closeTransport"]

    @Test(arguments: SCRAMHash.allCases) func withBinding(_ hash: SCRAMHash) throws {
        var stream = try Transcript(ScramServer(hash))
        let name = "SCRAM-\(hash.rawValue)"
        let auth = try stream.login(
            Offer.login(name, "\(name)-PLUS", bindings: ["tls-exporter"]),
            bindings: [Self.endPoint, Self.exporter]
        )
        #expect(auth == ["auth \(name)-PLUS p=tls-exporter,,n=bot,r=\(Self.nonce)"])
        #expect(
            try stream.finish(auth[0], boundTo: Self.exporter.bytes) == [
                "pin scram=true binding=true unlistedFails=false", "restartParser", Transcript.header,
            ]
        )
    }

    @Test func pinsThatAreKnownAreNotStoredAgain() throws {
        var stream = try Transcript { $0.pins = LoginPins(scram: true) }
        let auth = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(try stream.finish(auth[0]) == ["restartParser", Transcript.header])
    }

    @Test func lastWordAsAChallenge() throws {
        var stream = try Transcript()
        let auth = try stream.login(Offer.login("SCRAM-SHA-1"))
        let first = String(auth[0].dropFirst("auth SCRAM-SHA-1 ".count))
        _ = try stream.challenge(stream.server.first(answering: first))
        let answer = try #require(stream.server.final(answering: try stream.derive()))
        #expect(try stream.challenge(answer) == ["response"])
        #expect(try stream.receive("<success xmlns='\(Transcript.sasl)'/>").contains(Transcript.header))
    }

    @Test func keysOfTheLastLogin() throws {
        var server = ScramServer(.sha1)
        let request = SCRAMKeyRequest(hash: .sha1, salt: server.salt, iterations: 4_096, password: Password("pencil"))
        let keys = try request.derive()
        var stream = try Transcript(server) { $0.keys = keys }
        let auth = try stream.login(Offer.login("SCRAM-SHA-1"))
        let response = try stream.challenge(server.first(answering: String(auth[0].dropFirst("auth SCRAM-SHA-1 ".count))))
        #expect(response.count == 1)
        #expect(response[0].hasPrefix("response c=biws,"))
        #expect(server.final(answering: String(response[0].dropFirst("response ".count))) != nil)

        // Another salt: the keys are of no use.
        server.salt = [1, 2, 3]
        stream = try Transcript(server) { $0.keys = keys }
        let again = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(try stream.challenge(server.first(answering: String(again[0].dropFirst("auth SCRAM-SHA-1 ".count)))) == ["derive"])
    }

    @Test func wrongPassword() throws {
        var stream = try Transcript()
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(try stream.failure("not-authorized") == Self.ended)
        #expect(stream.outcome?.failure.message.contains("password") == true)
        #expect(stream.outcome?.unlistedBindingFailed == false)
    }

    @Test(arguments: [
        ("account-disabled", "login"), ("credentials-expired", "login"), ("temporary-auth-failure", "server"),
        ("invalid-mechanism", "login"),
    ])
    func otherFailures(_ condition: String, _ code: String) throws {
        var stream = try Transcript()
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(try stream.failure(condition) == [Transcript.end, "ended \(code)", "closeTransport"])
    }

    @Test("R13: -PLUS without a list is tried once, then SCRAM with n and a warning, never reported as a wrong password")
    func unlistedBinding() throws {
        var stream = try Transcript(ScramServer(.sha1))
        let auth = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
        #expect(auth == ["auth SCRAM-SHA-1-PLUS p=tls-exporter,,n=bot,r=\(Self.nonce)"])
        let second = try stream.failure("not-authorized")
        #expect(second == ["warn", "auth SCRAM-SHA-1 n,,n=bot,r=\(Self.nonce)"])
        #expect(
            try stream.finish(second[1]) == [
                "pin scram=true binding=false unlistedFails=true", "restartParser", Transcript.header,
            ]
        )
    }

    @Test("R13: the password is wrong only if it is refused without a binding, too") func unlistedBindingAndWrongPassword() throws {
        var stream = try Transcript(ScramServer(.sha1))
        _ = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
        _ = try stream.failure("not-authorized")
        #expect(try stream.failure("not-authorized") == Self.ended)
    }

    @Test("R13: a server that hangs up on an unlisted binding isn't a wrong password either") func unlistedBindingAndHangUp() throws {
        for event in [ClientStream.Event.closed, .disconnected(reason: nil)] {
            var stream = try Transcript(ScramServer(.sha1))
            _ = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
            _ = try stream.failure("not-authorized")
            _ = stream(event)
            #expect(stream.outcome?.failure.code != .login)
            #expect(stream.outcome?.unlistedBindingFailed == true)
        }
        // The next connection doesn't try again.
        var stream = try Transcript(ScramServer(.sha1)) { $0.skipUnlistedBinding = true }
        let auth = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
        #expect(auth == ["warn", "auth SCRAM-SHA-1 n,,n=bot,r=\(Self.nonce)"])
    }

    @Test func unlistedBindingRefusedByAMessageOfSCRAM() throws {
        var stream = try Transcript(ScramServer(.sha1))
        let auth = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
        _ = try stream.challenge(stream.server.first(answering: String(auth[0].dropFirst("auth SCRAM-SHA-1-PLUS ".count))))
        _ = try stream.derive()
        #expect(try stream.challenge("e=channel-bindings-dont-match") == ["abort"])
        #expect(try stream.failure("aborted") == ["warn", "auth SCRAM-SHA-1 n,,n=bot,r=\(Self.nonce)"])
    }

    @Test func unlistedBindingThatWorksIsPinned() throws {
        var stream = try Transcript(ScramServer(.sha1))
        let auth = try stream.login(Offer.login("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), bindings: [Self.exporter])
        let rest = try stream.finish(auth[0], boundTo: Self.exporter.bytes)
        #expect(rest.first == "pin scram=true binding=true unlistedFails=false")
    }

    @Test("R13: binding once used is required unless XEP-0474 proves the offer") func pinnedBinding() throws {
        let pins = LoginPins(scram: true, channelBinding: true)
        var stream = try Transcript(ScramServer(.sha1)) { $0.pins = pins }
        let auth = try stream.login(Offer.login("SCRAM-SHA-1"), bindings: [Self.exporter])
        #expect(auth == ["auth SCRAM-SHA-1 y,,n=bot,r=\(Self.nonce)"])
        let first = String(auth[0].dropFirst("auth SCRAM-SHA-1 ".count))
        #expect(try stream.challenge(stream.server.first(answering: first)) == ["abort"] + Self.ended)
        #expect(stream.outcome?.failure.message.contains("forget the login pins") == true)

        let proof = Base64.encode(SCRAMHash.sha1.hash(Array("SCRAM-SHA-1".utf8)))
        stream = try Transcript(ScramServer(.sha1, extra: ",h=\(proof)")) { $0.pins = pins }
        let second = try stream.login(Offer.login("SCRAM-SHA-1"), bindings: [Self.exporter])
        #expect(try stream.finish(second[0]) == ["restartParser", Transcript.header])
    }

    @Test("XEP-0474: an offer that was changed on its way") func downgraded() throws {
        let proof = Base64.encode(SCRAMHash.sha1.hash(Array("SCRAM-SHA-1\u{1E}SCRAM-SHA-1-PLUS\u{1F}tls-exporter".utf8)))
        var stream = try Transcript(ScramServer(.sha1, extra: ",h=\(proof)"))
        let auth = try stream.login(Offer.login("SCRAM-SHA-1"), bindings: [Self.exporter])
        let first = String(auth[0].dropFirst("auth SCRAM-SHA-1 ".count))
        #expect(try stream.challenge(stream.server.first(answering: first)) == ["abort"] + Self.ended)
    }

    @Test func plain() throws {
        var stream = try Transcript { $0.allowPlain = true }
        #expect(try stream.login(Offer.login("PLAIN")) == ["auth PLAIN \0bot\0pencil"])
        #expect(try stream.receive("<success xmlns='\(Transcript.sasl)'/>") == ["restartParser", Transcript.header])
    }

    @Test("R13: never back from SCRAM to PLAIN") func plainAfterSCRAM() throws {
        for configure in [{ $0.pins.scram = true }, { $0.allowPlain = false }] as [(inout ClientStream.Configuration) -> Void] {
            var stream = try Transcript {
                $0.allowPlain = true
                configure(&$0)
            }
            #expect(try stream.login(Offer.login("PLAIN")) == Self.ended)
        }
    }

    @Test func serverThatCannotProveItself() throws {
        // Success at once, success after the first message, success with another's signature, with none, with rubbish.
        for stage in 0..<5 {
            var stream = try Transcript()
            let auth = try stream.login(Offer.login("SCRAM-SHA-1"))
            if stage == 0 {
                #expect(try stream.success("") == ["<abort xmlns='\(Transcript.sasl)'/>"] + Self.ended)
                continue
            }
            _ = try stream.challenge(stream.server.first(answering: String(auth[0].dropFirst("auth SCRAM-SHA-1 ".count))))
            if stage == 1 {
                #expect(try stream.success("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").suffix(3) == Self.ended[...])
                continue
            }
            _ = try stream.derive()
            let answer = ["v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "", "x"][stage - 2]
            #expect(try stream.success(answer).suffix(3) == Self.ended[...])
            #expect(!stream.stream.isOnline)
        }
    }

    @Test func hostileFirstMessages() throws {
        for message in ["r=short,s=AAAA,i=4096", "m=x,r=\(Self.nonce)X,s=AAAA,i=4096", "r=\(Self.nonce)X,s=AAAA,i=1", "e=other-error", ""] {
            var stream = try Transcript()
            _ = try stream.login(Offer.login("SCRAM-SHA-1"))
            #expect(try stream.challenge(message) == ["abort"] + Self.ended)
        }
    }

    @Test func rubbishInsteadOfSASL() throws {
        for element in [
            "<challenge xmlns='\(Transcript.sasl)'>not base64!</challenge>", "<challenge xmlns='\(Transcript.sasl)'>/w==</challenge>",
            "<surprise xmlns='\(Transcript.sasl)'/>",
        ] {
            var stream = try Transcript()
            _ = try stream.login(Offer.login("SCRAM-SHA-1"))
            #expect(try stream.receive(element) == [Transcript.end, "ended protocol", "closeTransport"])
        }
        var stream = try Transcript()
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(try stream.receive("<message/>").first?.hasPrefix("<stream:error><unsupported-stanza-type") == true)
    }

    @Test func keysThatNobodyAskedFor() throws {
        let keys = try SCRAMKeyRequest(hash: .sha1, salt: [1], iterations: 4_096, password: Password("x")).derive()
        var stream = try Transcript()
        #expect(stream(.derived(keys)) == [])
        stream = try Transcript.online()
        #expect(stream(.derived(keys)) == [])
    }

    @Test func passwordsAreNormalised() throws {
        // RFC 4013: a soft hyphen is nothing, a non-breaking space is a space.
        var stream = try Transcript {
            $0.allowPlain = true
            $0.password = Password("I\u{AD}X\u{A0}")
        }
        #expect(try stream.login(Offer.login("PLAIN")) == ["auth PLAIN \0bot\0IX "])
        for password in ["", "\u{7}", "\u{AD}"] {
            var stream = try Transcript { $0.password = Password(password) }
            #expect(try stream.login(Offer.login("SCRAM-SHA-1")) == Self.ended)
        }
    }

    @Test func accountWithoutAName() throws {
        var stream = try Transcript { $0.account = $0.account.domainAddress }
        _ = stream(.connected)
        _ = try stream.open(Offer.startTLS)
        _ = try stream.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        _ = stream(.secured([]))
        #expect(try stream.open(Offer.login("SCRAM-SHA-1")) == Self.ended)
    }

    @Test func textOfTheServerIsTamed() throws {
        var stream = try Transcript()
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        let text = "line\nbreak\u{202E}" + String(repeating: "x", count: 1_000)
        _ = try stream.receive("<failure xmlns='\(Transcript.sasl)'><not-authorized/><text>\(text)</text></failure>")
        let message = try #require(stream.outcome?.failure.message)
        #expect(message.contains("line break x"))
        #expect(message.count < 400)
    }
}
