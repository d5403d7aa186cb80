import Posthorn

/// The client's side of SOCKS 5 (RFC 1928) with user name and password (RFC 1929). The proxy resolves the name.
struct SOCKS5Dialogue: ProxyDialogue {
    private enum State { case method, authentication, reply, connected }

    let target: Endpoint
    let proxy: Endpoint
    let username: String?
    let password: Secret?
    private var state = State.method

    init(target: Endpoint, proxy: Endpoint, username: String?, password: Secret?) {
        self.target = target
        self.proxy = proxy
        self.username = username
        self.password = password
    }

    mutating func start() throws -> WireText {
        WireText(.plain(username == nil ? [5, 1, 0] : [5, 2, 0, 2]))
    }

    mutating func next(from buffer: inout ReceiveBuffer) throws -> ProxyEvent? {
        switch state {
        case .method: try method(&buffer)
        case .authentication: try authentication(&buffer)
        case .reply: try reply(&buffer)
        case .connected: nil
        }
    }

    private mutating func method(_ buffer: inout ReceiveBuffer) throws -> ProxyEvent? {
        guard let version = buffer[0] else { return nil }
        guard version == 5 else { throw violation("its answer begins with octet \(version), not with 5") }
        guard let method = buffer[1] else { return nil }
        buffer.consume(2)
        switch method {
        case 0:
            state = .reply
            return .send(try request())
        case 2 where username != nil:
            state = .authentication
            return .send(try credentials())
        case 0xFF, 2:
            throw MailError(
                .authenticationUnavailable,
                "the proxy \(proxy) demands a sign-in that the settings do not give; set 'proxy.username' and "
                    + "'proxy.password' to what it expects"
            )
        default:
            throw violation("it chose sign-in method \(method), which was not offered")
        }
    }

    private mutating func authentication(_ buffer: inout ReceiveBuffer) throws -> ProxyEvent? {
        guard let version = buffer[0], let status = buffer[1] else { return nil }
        guard version == 1 else { throw violation("its answer to the sign-in has version \(version), not 1") }
        buffer.consume(2)
        guard status == 0 else {
            throw MailError(
                .authenticationFailed,
                "the proxy \(proxy) refused the user name and password; correct 'proxy.username' and 'proxy.password'"
            )
        }
        state = .reply
        return .send(try request())
    }

    private mutating func reply(_ buffer: inout ReceiveBuffer) throws -> ProxyEvent? {
        guard let version = buffer[0] else { return nil }
        guard version == 5 else { throw violation("its reply begins with octet \(version), not with 5") }
        guard let code = buffer[1] else { return nil }
        guard code == 0 else { throw refused(code) }
        guard let reserved = buffer[2], let kind = buffer[3], let first = buffer[4] else { return nil }
        guard reserved == 0 else { throw violation("the reserved octet of its reply is \(reserved), not 0") }
        let length: Int
        switch kind {
        case 1: length = 4
        case 3: length = 1 &+ Int(first)
        case 4: length = 16
        default: throw violation("its reply has an address of unknown kind \(kind)")
        }
        guard buffer.count >= 4 &+ length &+ 2 else { return nil }
        buffer.consume(4 &+ length &+ 2)
        state = .connected
        return .connected
    }

    private func request() throws -> WireText {
        var octets: [UInt8] = [5, 1, 0]
        if let address = IPAddress(target.host) {
            octets.append(address.isIPv6 ? 4 : 1)
            octets += address.octets
        } else {
            let name = Array(target.host.utf8)
            guard (1...255).contains(name.count), !name.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
                throw MailError(
                    .connectionFailed,
                    "the name '\(PeerText.shown(target.host))' cannot be asked of a SOCKS proxy: it must have 1 to 255 "
                        + "octets and no spaces; correct 'host'"
                )
            }
            octets += [3, UInt8(name.count)] + name
        }
        octets += [UInt8(truncatingIfNeeded: target.port >> 8), UInt8(truncatingIfNeeded: target.port)]
        return WireText(.plain(octets))
    }

    private func credentials() throws -> WireText {
        let name = Array((username ?? "").utf8)
        let secret = password?.withBytes { Array($0) } ?? []
        guard (1...255).contains(name.count), (1...255).contains(secret.count) else {
            throw MailError(
                .authenticationUnavailable,
                "a SOCKS proxy takes user names and passwords of 1 to 255 octets; correct 'proxy.username' and "
                    + "'proxy.password'"
            )
        }
        return WireText(
            .plain([1, UInt8(name.count)] + name + [UInt8(secret.count)]),
            .secret(secret)
        )
    }

    private func violation(_ what: String) -> MailError {
        MailError(
            .protocolViolation,
            "the proxy \(proxy) does not speak SOCKS 5: \(what); check 'proxy.type', 'proxy.host' and 'proxy.port'"
        )
    }

    private func refused(_ code: UInt8) -> MailError {
        let reasons = [
            1: "general failure", 2: "its rules forbid it", 3: "network unreachable", 4: "host unreachable",
            5: "connection refused", 6: "the time to live expired", 7: "command not supported",
            8: "kind of address not supported",
        ]
        return MailError(
            .connectionFailed,
            "the proxy \(proxy) did not reach \(target): \(reasons[Int(code)] ?? "reply code \(code)"); check 'host' and "
                + "'port', and what the proxy allows"
        )
    }
}
