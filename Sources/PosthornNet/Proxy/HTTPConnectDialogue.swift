import Posthorn

/// The client's side of HTTP's CONNECT method (RFC 9110, section 9.3.6) with Basic authentication (RFC 7617).
struct HTTPConnectDialogue: ProxyDialogue {
    private enum State {
        case status
        case fields
        case connected
    }

    /// The most octets and lines of a proxy's answer.
    private static let lineLimit = 8 * 1024
    private static let fieldLimit = 100

    let target: Endpoint
    let proxy: Endpoint
    let username: String?
    let password: Secret?
    private var state = State.status
    private var lines = LineParser(limit: HTTPConnectDialogue.lineLimit)
    private var fields = 0

    init(target: Endpoint, proxy: Endpoint, username: String?, password: Secret?) {
        self.target = target
        self.proxy = proxy
        self.username = username
        self.password = password
    }

    mutating func start() throws -> WireText {
        guard !target.host.isEmpty, !target.host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw MailError(
                .connectionFailed,
                "the name '\(PeerText.shown(target.host))' cannot be asked of a proxy: it holds spaces or control "
                    + "characters; correct 'host'"
            )
        }
        var text = WireText()
        text.append("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n")
        if let username {
            guard !username.utf8.contains(UInt8(ascii: ":")) else {
                throw MailError(
                    .authenticationUnavailable,
                    "an HTTP proxy takes no user name with a colon (RFC 7617); correct 'proxy.username'"
                )
            }
            let pair = Array("\(username):".utf8) + (password?.withBytes { Array($0) } ?? [])
            text.append("Proxy-Authorization: Basic ")
            text.appendSecret(Base64.encode(pair))
            text.appendLineEnd()
        }
        text.appendLineEnd()
        return text
    }

    mutating func next(from buffer: inout ReceiveBuffer) throws -> ProxyEvent? {
        while let line = try nextLine(&buffer) {
            switch state {
            case .status:
                try check(status: line)
                state = .fields
            case .fields where line.isEmpty:
                state = .connected
                return .connected
            case .fields:
                fields += 1
                guard fields <= Self.fieldLimit else {
                    throw violation("its answer has more than \(Self.fieldLimit) header fields")
                }
            case .connected:
                return nil
            }
        }
        return nil
    }

    private mutating func nextLine(_ buffer: inout ReceiveBuffer) throws -> [UInt8]? {
        do {
            return try lines.next(from: &buffer)
        } catch {
            throw violation("its answer has a line of more than \(Self.lineLimit) octets")
        }
    }

    /// `HTTP/1.1 200 Connection established`
    private func check(status line: [UInt8]) throws {
        let text = Array("HTTP/1.".utf8)
        guard line.starts(with: text), line.count >= 12, line[8] == 0x20,
            let code = Int(String(decoding: line[9..<12], as: UTF8.self)), (100...599).contains(code),
            line.count == 12 || line[12] == 0x20
        else { throw violation("it answered '\(PeerText.shown(line, limit: 80))'") }
        switch code {
        case 200..<300:
            return
        case 407:
            throw MailError(
                username == nil ? .authenticationUnavailable : .authenticationFailed,
                "the proxy \(proxy) \(username == nil ? "demands" : "refused") a user name and password; correct "
                    + "'proxy.username' and 'proxy.password'"
            )
        default:
            throw MailError(
                .connectionFailed,
                "the proxy \(proxy) did not reach \(target): it answered '\(PeerText.shown(line.dropFirst(9), limit: 80))'; "
                    + "check 'host' and 'port', and what the proxy allows"
            )
        }
    }

    private func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "the proxy \(proxy) does not speak HTTP: \(what); check 'proxy.type', 'proxy.host' and 'proxy.port'"
        )
    }
}
