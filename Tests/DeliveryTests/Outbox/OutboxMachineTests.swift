import Testing
import XMPP

@testable import Delivery

/// The machine as a transcript: events in, changes (`+`) and steps out.
@Suite struct OutboxMachineTests {
    @Test func fromAcceptanceToAcknowledgement() throws {
        var bench = try Bench()
        #expect(bench.say(.start) == ["summarize 400"])
        #expect(bench.say(.summary(OutboxSummary(lastOrder: 41))) == [])
        #expect(bench.say(.accepted) == [])
        #expect(bench.say(.online(limit: nil)) == ["load after 0"])
        #expect(bench.answer([bench.entry(7)]) == ["seal 7"])
        #expect(bench.seal(7) == ["+handed 7 order 42", "send 7"])
        #expect(bench.say(.acknowledged(number: 7)) == ["+sent 7", "settled 7 sent"])
        #expect(bench.say(.acknowledged(number: 7)) == [])
        #expect(bench.say(.accepted) == ["load after 7"])
        #expect(bench.answer([]) == [])
        #expect(bench.machine.items.isEmpty && bench.machine.lanes.isEmpty)
    }

    @Test func nothingIsSealedBeforeItCanBeSent() throws {
        var bench = try Bench()
        _ = bench.say(.start)
        #expect(bench.say(.online(limit: nil)) == [])
        #expect(bench.say(.summary(OutboxSummary())) == ["load after 0"])
        #expect(bench.say(.offline(.lost)) == [])
        #expect(bench.answer([bench.entry(1)]) == [])
        #expect(bench.say(.online(limit: nil)) == ["seal 1"])
        #expect(bench.say(.offline(.lost)) == [])
        #expect(bench.seal(1) == [])
        #expect(bench.say(.online(limit: nil)) == ["seal 1"])
    }

    @Test func aRecipientsOrderIsKeptAndRecipientsGoBesideEachOther() throws {
        var (bench, lines) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3), $0.entry(4, to: $0.romeo)] }
        #expect(lines == ["load after 0", "seal 1", "seal 4", "seal 2"])
        #expect(bench.seal(2) == ["seal 3"], "it is ready, but the first is not")
        #expect(bench.seal(4) == ["+handed 4 order 1", "send 4"])
        #expect(bench.seal(1) == ["+handed 1 order 2", "+handed 2 order 3", "send 1", "send 2"])
    }

    @Test func R9_youngBytesGoAgainUnchangedAndOldOnesAreSealedAnew() throws {
        var (bench, _) = try Bench.online { [$0.entry(1)] }
        #expect(bench.seal(1) == ["+handed 1 order 1", "send 1"])
        bench.now += 200
        #expect(bench.say(.offline(.lost)) == [])
        #expect(bench.say(.online(limit: nil)) == ["send 1 same"])
        bench.now += 99
        _ = bench.say(.offline(.lost))
        #expect(bench.say(.online(limit: nil)) == ["send 1 same"])
        bench.now += 1
        _ = bench.say(.offline(.lost))
        #expect(bench.say(.online(limit: nil)) == ["seal 1"])
        #expect(bench.seal(1) == ["+handed 1 order 1", "send 1"])
        // A clock that was set back makes bytes of the future, which no receiver believes.
        bench.now -= 10
        _ = bench.say(.offline(.lost))
        #expect(bench.say(.online(limit: nil)) == ["seal 1"])
    }

    @Test func R12_afterACrashWhatWasUnacknowledgedGoesAgain() throws {
        let (_, lines) = try Bench.online { bench in
            [
                bench.entry(1) {
                    $0.state = .handed
                    $0.order = 1
                    $0.sealedTime = 900
                    $0.sealedSize = 500
                },
                bench.entry(2) {
                    $0.state = .handed
                    $0.order = 2
                    $0.sealedTime = 600
                },
                bench.entry(3),
            ]
        }
        #expect(lines == ["load after 0", "seal 2", "seal 3", "send 1 same"])
    }

    @Test func afterACutAllGoesAgainInItsOrder() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3)] }
        _ = bench.seal(1)
        _ = bench.seal(2)
        _ = bench.seal(3)
        _ = bench.say(.acknowledged(number: 2))
        #expect(bench.say(.offline(.lost)) == [])
        #expect(bench.say(.acknowledged(number: 1)) == [], "what the old connection says no longer counts")
        #expect(bench.say(.online(limit: nil)) == ["send 1 same", "send 3 same"])
    }

    @Test func aMissingKeyHoldsItsRecipientOnly() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3, to: $0.romeo)] }
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.noKey, "none"))) == ["+held 1 no-key 1 until 1060", "wake 1060"])
        #expect(bench.seal(2) == [], "it waits behind the first")
        #expect(bench.deliver(3) == ["+handed 3 order 1", "send 3", "+sent 3", "settled 3 sent"])
        bench.now = 1060
        #expect(bench.say(.tick) == ["summarize 460", "load after 0"])
        #expect(bench.answer([bench.entry(1) { $0.attempts = 1 }, bench.entry(2)]) == ["seal 1", "seal 2"])
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.noKey, "none"))) == ["+held 1 no-key 2 until 1180", "wake 1180"])
        #expect(bench.say(.hasten(bench.juliet)) == ["+hasten juliet@example.org", "load after 0"])
    }

    @Test func whatFailsForGoodLetsTheNextOnePass() throws {
        var (bench, _) = try Bench.online(.init(sealing: 1)) { [$0.entry(1), $0.entry(2)] }
        let lines = bench.say(.sealFailed(number: 1, OutboxFailure(.malformed, "x")))
        #expect(lines == ["+dead 1 malformed", "settled 1 dead", "seal 2"])
        #expect(bench.say(.tick) == ["tell deadLetters(1)"])
        #expect(bench.deliver(2) == ["+handed 2 order 1", "send 2", "+sent 2", "settled 2 sent"])
        #expect(bench.say(.tick) == [], "told once")
    }

    @Test func R10_aTemporaryBouncePutsItBackForFifteenMinutes() throws {
        var (bench, _) = try Bench.online()
        func sent(_ at: Int64) -> OutboxEntry {
            bench.entry(5) {
                $0.state = .sent
                $0.settled = at
                $0.order = 1
            }
        }
        let now = bench.now
        let inTime = sent(now - 900)
        let tooLate = sent(now - 901)
        #expect(bench.say(.bounced(tooLate, from: bench.juliet, condition: "service-unavailable", text: nil)) == [])
        #expect(bench.say(.bounced(inTime, from: bench.romeo, condition: "service-unavailable", text: nil)) == [], "not its recipient")
        #expect(
            bench.say(.bounced(inTime, from: bench.juliet, condition: "service-unavailable", text: nil))
                == ["+waiting 5 recipient-unavailable 1 until 1030", "wake 1030"]
        )
        #expect(
            bench.say(.bounced(inTime, from: bench.juliet, condition: "not-acceptable", text: "no"))
                == ["+dead 5 refused", "settled 5 dead", "load after 0"]
        )
    }

    @Test func R10_aBounceBeforeTheAcknowledgementCounts() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2)] }
        _ = bench.seal(1)
        _ = bench.seal(2)
        let handed = bench.entry(1) { $0.state = .handed }
        #expect(
            bench.say(.bounced(handed, from: bench.juliet, condition: "remote-server-timeout", text: nil))
                == ["+waiting 1 remote-server 1 until 1030", "wake 1030"]
        )
        #expect(bench.say(.acknowledged(number: 1)) == [])
        #expect(bench.say(.acknowledged(number: 2)) == ["+sent 2", "settled 2 sent"], "it was handed over already, and overtakes")
        #expect(bench.machine.items.isEmpty)
    }

    @Test func R10_aReceiptIsTakenFromTheRecipientOnly() throws {
        var (bench, _) = try Bench.online()
        let sent = bench.entry(5) {
            $0.state = .sent
            $0.settled = 990
            $0.order = 1
        }
        #expect(bench.say(.receipt(sent, from: bench.romeo)) == [])
        #expect(bench.say(.receipt(bench.entry(6), from: bench.juliet)) == [], "it has never left")
        #expect(
            bench.say(.receipt(sent, from: try address("juliet@example.org/phone"))) == [
                "+delivered 5", "settled 5 delivered", "load after 0",
            ]
        )
    }

    @Test func R25_aGatewaysReceiptIsWaitedFor() throws {
        var (bench, _) = try Bench.online { [$0.entry(1) { $0.needsReceipt = true }] }
        _ = bench.seal(1)
        #expect(bench.say(.acknowledged(number: 1)) == ["+sent 1 again 1600", "settled 1 sent", "wake 1600"])
        bench.now = 1600
        #expect(bench.say(.tick) == ["summarize 1000", "load after 0"])
        let again = bench.entry(1) {
            $0.needsReceipt = true
            $0.state = .sent
            $0.sealedTime = 1000
            $0.order = 1
        }
        #expect(bench.answer([again]) == ["seal 1"])
        #expect(bench.seal(1) == ["+handed 1 order 1", "send 1"])
        #expect(bench.say(.receipt(again, from: bench.juliet)) == ["+delivered 1", "settled 1 delivered"])
        #expect(bench.say(.acknowledged(number: 1)) == [])
    }

    @Test func whatIsTooOldIsGivenUp() throws {
        var (bench, lines) = try Bench.online { [$0.entry(1) { $0.expires = 1000 }, $0.entry(2) { $0.expires = 1001 }] }
        #expect(lines.contains("+dead 1 expired"))
        bench.now = 1001
        #expect(bench.say(.sealFailed(number: 2, OutboxFailure(.noKey, "none"))).first == "+dead 2 expired")
    }

    @Test func whatExpiresWhileOfflineIsFound() throws {
        var bench = try Bench()
        _ = bench.say(.start)
        #expect(bench.say(.summary(OutboxSummary(firstExpiry: 1500))) == [])
        bench.now = 1500
        #expect(bench.say(.tick) == ["summarize 900", "load expired"])
        #expect(bench.answer([bench.entry(1) { $0.expires = 1500 }]) == ["+dead 1 expired", "settled 1 dead"])
    }

    @Test func noPauseGoesPastTheExpiry() throws {
        var (bench, _) = try Bench.online { [$0.entry(1) { $0.expires = 1010 }] }
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.noKey, "none"))) == ["+held 1 no-key 1 until 1010", "wake 1010"])
    }

    @Test func stuckMessagesAreToldOfAndNoMoreThanThat() throws {
        var bench = try Bench()
        _ = bench.say(.start)
        #expect(bench.say(.summary(OutboxSummary(open: 9, late: 3))) == ["tell stuck(3)"])
        #expect(bench.say(.summary(OutboxSummary(open: 9, late: 4))) == [])
        bench.now += 900
        #expect(bench.say(.summary(OutboxSummary(open: 9, late: 5))) == ["tell stuck(5)"])
        #expect(bench.say(.summary(OutboxSummary(open: 2))) == ["tell flowing"])
        #expect(bench.say(.summary(OutboxSummary(open: 2))) == [])
    }

    @Test func whatIsTakenBackDoesNotGo() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3, to: $0.romeo)] }
        #expect(
            bench.say(.withdraw(bench.entry(1))) == ["+withdrawn 1", "settled 1 withdrawn", "withdrawal 1 withdrawn"]
        )
        #expect(bench.seal(1) == [])
        _ = bench.seal(3)
        #expect(
            bench.say(.withdraw(bench.entry(3, to: bench.romeo)))
                == ["+withdrawn 3", "settled 3 withdrawn", "withdrawal 3 withdrawn may have left"]
        )
        #expect(bench.seal(2) == ["+handed 2 order 2", "send 2"])
        let sent = bench.entry(9) { $0.state = .sent }
        #expect(bench.say(.withdraw(sent)) == ["withdrawal 9 sent"])
    }

    @Test func whatIsDueIsReadBeforeWhatIsBehindIt() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2)] }
        _ = bench.say(.sealFailed(number: 1, OutboxFailure(.noKey, "none")))
        bench.now = 1060
        #expect(bench.say(.accepted) == ["load after 0"], "the timer is late")
        _ = bench.answer([])
        // The clock was set back: nobody knows what is due.
        bench.now = 900
        #expect(bench.say(.accepted) == ["load after 0"])
    }

    @Test func theOperatorTriesADeadLetterAgain() throws {
        var (bench, _) = try Bench.online()
        #expect(bench.say(.retry(bench.entry(4) { $0.state = .dead }, expires: 5000)) == ["+retry 4", "load after 0"])
        #expect(bench.answer([bench.entry(4)]) == ["seal 4"])
        #expect(bench.say(.retry(bench.entry(5) { $0.state = .sent }, expires: 5000)) == [])
    }

    @Test func aQueryThatFailsIsAskedAgain() throws {
        var (bench, _) = try Bench.online()
        #expect(bench.say(.accepted) == ["load after 0"])
        #expect(bench.say(.loadFailed) == ["wake 1005"])
        #expect(bench.say(.accepted) == [])
        bench.now = 1005
        #expect(bench.say(.tick) == ["load after 0"])
    }

    @Test func aPauseAfterAFailureEndsWhenTheClockIsSetBack() throws {
        var (bench, _) = try Bench.online()
        _ = bench.say(.accepted)
        #expect(bench.say(.loadFailed) == ["wake 1005"])
        // By an hour, say: nobody waits for an hour.
        bench.now = -2600
        #expect(bench.say(.accepted).contains("load after 0"))
    }
}
