import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Plays a script on one connection, on a thread of its own.
struct TranscriptPlayer {
    let descriptor: Int32
    let isStopped: () -> Bool
    let record: ((inout TranscriptServer.Connection) -> Void) -> Void
    /// Received, and not yet used by a step.
    private var input: [UInt8] = []

    private struct Failure: Error {
        var text: String
    }

    /// The rest of the script is not played.
    private struct Closed: Error {}

    init(
        descriptor: Int32,
        isStopped: @escaping () -> Bool,
        record: @escaping ((inout TranscriptServer.Connection) -> Void) -> Void
    ) {
        self.descriptor = descriptor
        self.isStopped = isStopped
        self.record = record
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Returns what went otherwise than written.
    mutating func play(_ script: [TranscriptStep]) -> String? {
        for (number, step) in script.enumerated() {
            do {
                try perform(step.action)
            } catch let failure as Failure {
                return "step \(number + 1) (\(step.action)): \(failure.text)"
            } catch {
                return nil
            }
        }
        return nil
    }

    private mutating func perform(_ action: TranscriptStep.Action) throws {
        switch action {
        case .send(let bytes):
            try send(bytes)
        case .drip(let bytes, let interval):
            for byte in bytes {
                try send([byte])
                wait(interval)
            }
        case .flood(let pattern, let limit):
            let block = Array(repeatElement(pattern, count: max(1, 65_536 / max(1, pattern.count))).joined())
            var sent = 0
            // The other side closes when it has had enough: that is no failure.
            while sent < limit, !block.isEmpty, (try? send(Array(block.prefix(limit - sent)))) != nil {
                sent += block.count
            }
        case .expectLine(let prefix):
            let line = try receive(through: [13, 10])
            let text = String(decoding: line, as: UTF8.self)
            guard text.lowercased().hasPrefix(prefix.lowercased()) else {
                throw Failure(text: "got \(text.debugDescription)")
            }
        case .expectExactly(let bytes):
            while input.count < bytes.count { try fill("the expected bytes") }
            let got = Array(input.prefix(bytes.count))
            input.removeFirst(bytes.count)
            guard got == bytes else {
                throw Failure(text: "got \(String(decoding: got, as: UTF8.self).debugDescription)")
            }
        case .receive(let mark):
            _ = try receive(through: mark)
        case .pause(let duration):
            wait(duration)
        case .stall:
            while !isStopped() { usleep(5_000) }
            throw Closed()
        case .drain:
            while (try? fill("")) != nil {}
        case .halfClose:
            shutdown(descriptor, Int32(SHUT_WR))
        case .close:
            throw Closed()
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            throw Closed()
        }
    }

    private func wait(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while !isStopped(), case let rest = end - ContinuousClock.now, rest > .zero {
            usleep(UInt32(min(rest / .microseconds(1), 5_000)) + 1)
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    Darwin.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                #elseif canImport(Musl)
                    Musl.send(
                        descriptor,
                        buffer.baseAddress?.advanced(by: done),
                        buffer.count - done,
                        Int32(MSG_NOSIGNAL)
                    )
                #else
                    Glibc.send(
                        descriptor,
                        buffer.baseAddress?.advanced(by: done),
                        buffer.count - done,
                        Int32(MSG_NOSIGNAL)
                    )
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure(text: "could not send: \(String(cString: strerror(errno)))") }
            done += count
            record { $0.sentCount += count }
        }
    }

    private mutating func fill(_ what: String) throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Failure(text: "the connection ended before \(what)") }
            let bytes = chunk.prefix(count)
            input += bytes
            record { $0.received += bytes }
            return
        }
    }

    private mutating func receive(through mark: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            if input.count >= mark.count {
                for start in searched...(input.count - mark.count) where input[start] == mark.first {
                    guard input[start..<(start + mark.count)].elementsEqual(mark) else { continue }
                    let result = Array(input.prefix(start + mark.count))
                    input.removeFirst(start + mark.count)
                    return result
                }
                searched = input.count - mark.count + 1
            }
            try fill(String(decoding: mark, as: UTF8.self).debugDescription)
        }
    }
}
