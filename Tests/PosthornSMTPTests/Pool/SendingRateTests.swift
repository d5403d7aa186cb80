import TestSupport
import Testing

@testable import PosthornSMTP

/// `messages-per-minute`.
@Suite(.computing) struct SendingRateTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `as many as allowed begin at once, the next when the first is a minute old`() {
        var rate = SendingRate(perMinute: 3)
        for second in [0.0, 1, 20] { #expect(rate.take(at: at(second)) == nil) }
        #expect(rate.take(at: at(30)) == at(60))
        // Asking costs nothing.
        #expect(rate.take(at: at(59.9)) == at(60))
        #expect(rate.take(at: at(60)) == nil)
        #expect(rate.take(at: at(60)) == at(61))
        #expect(rate.take(at: at(61)) == nil)
        #expect(rate.take(at: at(62)) == at(80))
    }

    @Test func `no minute has more than the limit, wherever it begins`() {
        var random = SeededGenerator(seed: 7)
        for limit in [1, 2, 7] {
            var rate = SendingRate(perMinute: limit)
            var now = 0.0
            var begun: [Double] = []
            while begun.count < 200 {
                if let next = rate.take(at: at(now)) {
                    #expect(next > at(now))
                    now += Double.random(in: 0...30, using: &random)
                } else {
                    begun.append(now)
                    now += Double.random(in: 0...10, using: &random)
                }
            }
            for (index, time) in begun.enumerated() where index >= limit {
                #expect(time - begun[index - limit] >= 60 - 1e-6)
            }
        }
    }

    @Test func `a limit that would allow nothing allows one`() {
        var rate = SendingRate(perMinute: 0)
        #expect(rate.take(at: at(0)) == nil)
        #expect(rate.take(at: at(1)) == at(60))
    }
}
