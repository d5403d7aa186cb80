import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension TLSEngine {
    static func outOfMemory() -> TLSError {
        TLSError(
            .internalFailure,
            "the TLS library cannot make a connection; the computer may be out of memory",
            detail: OpenSSLErrorQueue.take().text
        )
    }

    /// Sets what the server's certificate is checked against, and asks for a stapled answer.
    func prepareClient(_ name: TLSServerName) throws(TLSError) {
        guard let parameters = SSL_get0_param(ssl) else { throw Self.outOfMemory() }
        X509_VERIFY_PARAM_set_hostflags(
            parameters,
            UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        )
        let isSet: Bool
        if name.isAddress {
            isSet = X509_VERIFY_PARAM_set1_ip_asc(parameters, name.text) == 1
        } else {
            isSet =
                X509_VERIFY_PARAM_set1_host(parameters, name.text, name.text.utf8.count) == 1
                && ph_SSL_set_tlsext_host_name(ssl, name.text) == 1
        }
        // Without a name to check against, any certificate of a trusted authority would do.
        guard isSet else { throw Self.outOfMemory() }
        ph_SSL_set_tlsext_status_type(ssl, Int32(TLSEXT_STATUSTYPE_ocsp))
    }

    func offer(_ session: TLSSession, context: TLSContext, serverName: TLSServerName) {
        guard session.contextIdentifier == context.identifier, session.serverName == serverName,
            session.expires > Int64(time(nil))
        else { return }
        session.serialised.withUnsafeBufferPointer { octets in
            var cursor = octets.baseAddress
            guard let object = d2i_SSL_SESSION(nil, &cursor, octets.count) else { return }
            SSL_set_session(ssl, object)
            SSL_SESSION_free(object)
        }
        ERR_clear_error()
    }

    /// Makes an error final.
    func fail(_ error: TLSError) -> TLSError {
        if let failure { return failure }
        failure = error
        handshakeState = .failed
        return error
    }

    func checkFailure() throws(TLSError) {
        if let failure { throw failure }
    }

    /// Octets that are no TLS at all never reach OpenSSL, whose words for them help nobody.
    func lookAtFirstOctets(_ octets: UnsafeRawBufferPointer) throws(TLSError) {
        guard firstOctets.verdict == .undecided else { return }
        firstOctets.look(at: octets)
        if case .plain(let name) = firstOctets.verdict { throw fail(notTLS(name)) }
    }

    func notTLS(_ protocolName: String?) -> TLSError {
        if role == .client, beganInTheClear {
            return TLSError(
                .notTLS,
                "\(peer) went on in the clear\(protocolName.map { " (\($0))" } ?? "") after it had agreed to TLS; "
                    + "nothing was sent; the server's operator must look at its TLS settings"
            )
        }
        guard role == .server else {
            return switch protocolName {
            case "SMTP"?, "IMAP"?, "POP3"?:
                TLSError(
                    .notTLS,
                    "\(peer) speaks plain \(protocolName ?? "") on this port, not TLS: use `security: starttls`, "
                        + "or the port for TLS (465 for SMTP, 993 for IMAP, 995 for POP3)"
                )
            case let name?:
                TLSError(.notTLS, "\(peer) speaks \(name) on this port, not TLS: check host and port")
            case nil:
                TLSError(
                    .notTLS,
                    "\(peer) does not speak TLS on this port: check host, port and `security` "
                        + "(a server that begins in the clear needs `security: starttls`)"
                )
            }
        }
        return TLSError(
            .notTLS,
            "the client speaks \(protocolName.map { "plain \($0)" } ?? "something else") on a port for TLS"
        )
    }

    /// Goes on with the handshake as far as the octets that came allow.
    func advanceHandshake() throws(TLSError) {
        guard firstOctets.verdict == .isTLS || (role == .client && pipe.unreadCount == 0) else { return }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            handshakeState = .complete
            traffic = PostHandshakeTraffic()
            try checkStaple()
            return
        }
        let reason = SSL_get_error(ssl, result)
        if reason == SSL_ERROR_WANT_READ {
            // What is not read yet was sent beyond the handshake's messages and does not count.
            guard handshakeBytes - pipe.unreadCount <= maximumHandshakeBytes else {
                throw fail(
                    TLSError(
                        .limitExceeded,
                        "\(peer) sent more than \(maximumHandshakeBytes) octets before the end of the TLS handshake; "
                            + "the connection is given up"
                    )
                )
            }
            return
        }
        throw fail(failure(of: reason))
    }

    /// The error of a read that gave nothing, `nil` if there is merely nothing to read.
    func readFailure(_ result: Int32) -> TLSError? {
        let reason = SSL_get_error(ssl, result)
        switch reason {
        case SSL_ERROR_WANT_READ:
            return nil
        case SSL_ERROR_ZERO_RETURN:
            receivedCloseNotify = true
            return nil
        default:
            return failure(of: reason)
        }
    }

    /// The error for what OpenSSL reports, in the words of ``HandshakeFailure``.
    func failure(of reason: Int32) -> TLSError {
        let queue = OpenSSLErrorQueue.take()
        if let verificationFailure { return verificationFailure }
        return HandshakeFailure(
            peer: peer,
            role: role,
            wasAskedForCertificate: clientCertificateWasRequested,
            hasCertificate: SSL_get_certificate(ssl) != nil,
            isHandshakeComplete: handshakeState == .complete,
            minimumVersion: clientContext?.configuration.minimumVersion ?? serverContext?.configuration.minimumVersion
        ).error(for: queue, reason: reason)
    }

    /// A certificate that demands a staple was accepted without one only if the library skipped the check.
    private func checkStaple() throws(TLSError) {
        guard role == .client, !wasResumed, !stapleIsGood, let leaf = peerCertificate, leaf.mustStaple else { return }
        pipe.discardOutgoing()
        throw fail(VerificationSentences(peer: peer, role: role).stapleMissing())
    }

    var peerCertificate: X509Certificate? {
        SSL_get0_peer_certificate(ssl).map { X509Certificate(borrowed: $0) }
    }

    /// Whether this connection continued an earlier one instead of exchanging certificates.
    package var wasResumed: Bool { handshakeState == .complete && SSL_session_reused(ssl) == 1 }
}
