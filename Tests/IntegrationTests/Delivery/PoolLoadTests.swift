import Foundation
import Posthorn
import PosthornSMTP
import TestSupport
import Testing

/// Many tasks, one pool, a real mail server, and a network that breaks all the time.
///
/// With `POSTHORN_FULL=1` in the environment: 200 tasks and 10,000 messages.
@Suite("Under load and faults every message is accounted for", .undisturbed)
struct PoolLoadTests {
    static let isFull = ProcessInfo.processInfo.environment["POSTHORN_FULL"] == "1"

    /// What was told of a message, over all tries.
    enum End: Sendable { case accepted, notTaken, unknown, refused }

    @Test("What is told of each message agrees with the mailboxes", arguments: ["none", "tls"])
    func accounts(security: String) async throws {
        let tasks = Self.isFull ? 200 : 40
        let count = Self.isFull ? 10_000 : 600
        let start = ContinuousClock.now
        // Servers of its own: nobody else waits behind so many messages.
        let servers = try await MailServers.start()
        do {
            let user = try servers.addUser()
            let port = security == "tls" ? servers.submissionsPort : servers.relayPort
            let relay = try CuttingRelay(to: port) { Self.fate(of: $0) }
            defer { relay.stop() }
            let way = try way(servers, user, security, port: relay.port)
            let mail = try await Workstation(way, sender: user.address).client()

            let told = await send(count, tasks, mail, to: user)
            let ends = told.mapValues(\.end)
            let duration = ContinuousClock.now - start
            await mail.client.close()
            try await eventually("Postfix to deliver everything", within: .seconds(300)) {
                servers.queueLength() == 0 ? true : nil
            }

            let arrived = try numbers(try servers.mailbox(of: user).messages())
            let doubled = arrived.filter { $0.value > 1 }.keys.sorted()
            #expect(doubled.isEmpty, "arrived twice: \(doubled.prefix(20))")
            for number in 0..<count {
                let times = arrived[number] ?? 0
                switch ends[number] {
                case .accepted?: #expect(times == 1, "\(number) was accepted, and arrived \(times) times")
                case .notTaken?: #expect(times == 0, "\(number) was certainly not taken, and arrived")
                case .unknown?: #expect(times <= 1)
                case .refused?, nil: Issue.record("\(number) has no outcome that a message of this test can have")
                }
            }
            let accepted = ends.values.count { $0 == .accepted }
            let unknown = ends.values.count { $0 == .unknown }
            let cut = relay.passed.count { $0.ending != nil }
            let summary =
                "\(count) messages of \(tasks) tasks over \(relay.passed.count) connections, \(cut) of them cut: "
                + "\(accepted) accepted, \(ends.count - accepted - unknown) not taken, \(unknown) unknown, "
                + "\(told.values.reduce(0) { $0 + $1.tries - 1 }) tries more, \(arrived.count) in the mailbox, \(doubled.count) doubled, sent in \(duration)"
            // The faults struck, and did not win.
            #expect(cut > 10 && accepted > count / 2, "\(summary)")
            if Self.isFull { print("\(security): \(summary)") }
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    private func way(_ servers: MailServers, _ user: MailUser, _ security: String, port: Int) throws -> Way {
        let lines = [
            "connections: 8", "messages-per-connection: 100", "timeouts: { connect: 5 s, reply: 5 s, transfer: 5 s }",
        ]
        guard security == "tls" else {
            return Way(host: "127.0.0.1", port: port, security: security, lines: lines)
        }
        var way = try Way.submission(servers, user, lines: lines)
        way.port = port
        return way
    }

    /// Three connections of four break somewhere: after few octets or many, in either direction, in every way.
    private static func fate(of connection: Int) -> CuttingRelay.Cut? {
        let dice = octets(8, seed: UInt64(connection) &* 7_919 &+ 4_711)
        guard dice[0] % 4 > 0 else { return nil }
        let direction = dice[1] % 2 == 0 ? CuttingRelay.Direction.toServer : .toClient
        // From a single octet to a quarter of a megabyte, each order of magnitude alike.
        let most = 1 << (Int(dice[2]) % 18 + 1)
        let after = (Int(dice[3]) << 16 | Int(dice[4]) << 8 | Int(dice[5])) % most
        // Those that stall hold up a place of the pool until the limit of time.
        let ending: CuttingRelay.Ending = dice[6] % 8 == 0 ? .stall : dice[6] % 2 == 0 ? .close : .reset
        return CuttingRelay.Cut(direction: direction, octets: after, ending: ending)
    }

    /// Each task sends its messages one after another, as hosts do: what certainly was not taken is tried again.
    private func send(_ count: Int, _ tasks: Int, _ mail: HostProgram, to user: MailUser) async -> [Int: (
        end: End, tries: Int
    )] {
        await withTaskGroup(of: [Int: (end: End, tries: Int)].self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var ends: [Int: (end: End, tries: Int)] = [:]
                    for number in stride(from: task, to: count, by: tasks) {
                        ends[number] = await Self.send(number, mail, to: user)
                    }
                    return ends
                }
            }
            return await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    private static func send(_ number: Int, _ mail: HostProgram, to user: MailUser) async -> (end: End, tries: Int) {
        // Every twentieth is too large to travel in one flight with its envelope.
        let body = String(repeating: "Line of message \(number)\r\n", count: number % 20 == 0 ? 8_000 : 5)
        let message = RawMessage(
            bytes: Array(
                "Message-ID: <load-\(number)@posthorn.test>\r\nTo: \(user.address)\r\nSubject: \(number)\r\n\r\n\(body)"
                    .utf8
            )
        )
        for number in 1...5 {
            do {
                return (try await mail.send(message).isComplete ? .accepted : .refused, number)
            } catch let error as MailError where error.certainty == .unknown {
                return (.unknown, number)
            } catch let error as MailError where error.certainty == .notTaken {
                continue
            } catch {
                return (.refused, number)
            }
        }
        return (.notTaken, 5)
    }

    /// How often each number arrived.
    private func numbers(_ messages: [[UInt8]]) throws -> [Int: Int] {
        var arrived: [Int: Int] = [:]
        for message in messages {
            let header = String(decoding: message.prefix(4_096), as: UTF8.self)
            let id = try #require(header.split(separator: "Message-ID: <load-").last?.prefix { $0.isNumber })
            arrived[try #require(Int(id)), default: 0] += 1
        }
        return arrived
    }
}
