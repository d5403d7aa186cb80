import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The functions that OpenSSL calls, and their way back to the engine that a connection belongs to.
///
/// They run inside a call of the engine, on its thread; the engine outlives its SSL object, which its `deinit` frees.
enum EngineCallbacks {
    static func installClient(on context: OpaquePointer) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verifyCertificate)
        SSL_CTX_set_cert_verify_callback(context, { store, _ in EngineCallbacks.verifyChain(store) }, nil)
        ph_SSL_CTX_set_tlsext_status_cb(context) { ssl, _ in
            guard let ssl, let engine = EngineCallbacks.engine(of: ssl) else { return 0 }
            return engine.checkStapledResponse() ? 1 : 0
        }
        SSL_CTX_set_cert_cb(
            context,
            { ssl, _ in
                // On the client's side this is called when the server asks for a certificate.
                if let ssl, let engine = EngineCallbacks.engine(of: ssl) { engine.clientCertificateWasRequested = true }
                return 1
            },
            nil
        )
        SSL_CTX_sess_set_new_cb(context) { ssl, session in
            if let ssl, let session, let engine = EngineCallbacks.engine(of: ssl) { engine.export(session) }
            return 0
        }
        SSL_CTX_set_msg_callback(context, countMessage)
    }

    static func installServer(on context: OpaquePointer) {
        SSL_CTX_set_msg_callback(context, countMessage)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
        ph_SSL_CTX_set_tlsext_status_cb(context) { ssl, _ in
            guard let ssl, let response = EngineCallbacks.engine(of: ssl)?.serverContext?.configuration.stapledResponse,
                ph_SSL_set_tlsext_status_ocsp_resp(ssl, response, response.count) == 1
            else { return Int32(SSL_TLSEXT_ERR_NOACK) }
            return Int32(SSL_TLSEXT_ERR_OK)
        }
    }

    static func installClientVerification(on context: OpaquePointer, isRequired: Bool) {
        let mode = SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        SSL_CTX_set_verify(context, mode, verifyCertificate)
    }

    static func engine(of ssl: OpaquePointer) -> TLSEngine? {
        guard let data = ph_SSL_get_app_data(ssl) else { return nil }
        return Unmanaged<TLSEngine>.fromOpaque(data).takeUnretainedValue()
    }

    /// Called for every certificate of a chain, and for every fault found.
    private static let verifyCertificate: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
        guard isGood != 1 else { return 1 }
        guard let store, let ssl = ph_X509_STORE_CTX_get_ssl(store), let engine = EngineCallbacks.engine(of: ssl)
        else { return 0 }
        return engine.tolerates(store) ? 1 : 0
    }

    private static func verifyChain(_ store: OpaquePointer?) -> Int32 {
        guard let store, let ssl = ph_X509_STORE_CTX_get_ssl(store), let engine = engine(of: ssl) else { return 0 }
        guard X509_verify_cert(store) == 1 else { return 0 }
        guard engine.checkPins(store) else {
            X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            return 0
        }
        return 1
    }

    /// Counts the messages of the handshake protocol that come after the handshake.
    private static let countMessage:
        @convention(c) (
            Int32, Int32, Int32, UnsafeRawPointer?, Int, OpaquePointer?, UnsafeMutableRawPointer?
        ) -> Void = { isWrite, _, kind, _, _, ssl, _ in
            guard isWrite == 0, kind == SSL3_RT_HANDSHAKE, let ssl, let engine = EngineCallbacks.engine(of: ssl)
            else { return }
            engine.traffic.receivedMessage()
        }

    private static let selectProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { ssl, chosen, chosenCount, offered, offeredCount, _ in
            guard let ssl, let chosen, let chosenCount, let offered,
                let spoken = EngineCallbacks.engine(of: ssl)?.serverContext?.protocols, !spoken.isEmpty
            else { return Int32(SSL_TLSEXT_ERR_NOACK) }
            let offer = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
            var index = spoken.startIndex
            while index < spoken.endIndex {
                let end = min(index + 1 + Int(spoken[index]), spoken.endIndex)
                let wanted = spoken[index..<end]
                var cursor = 0
                while cursor < offer.count {
                    let next = min(cursor + 1 + Int(offer[cursor]), offer.count)
                    if offer[cursor..<next].elementsEqual(wanted) {
                        chosen.pointee = offered + cursor + 1
                        chosenCount.pointee = offer[cursor]
                        return Int32(SSL_TLSEXT_ERR_OK)
                    }
                    cursor = next
                }
                index = end
            }
            return Int32(SSL_TLSEXT_ERR_ALERT_FATAL)
        }
}

extension TLSEngine {
    /// Gives a session that the server offers to the owner of the connection.
    func export(_ session: OpaquePointer) {
        guard let onNewSession, let clientContext, let serverName, SSL_SESSION_is_resumable(session) == 1 else {
            return
        }
        let count = i2d_SSL_SESSION(session, nil)
        guard (1...65_536).contains(count) else { return }
        let serialised = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialised in
            var cursor = buffer.baseAddress
            initialised = Int(max(i2d_SSL_SESSION(session, &cursor), 0))
        }
        let now = Int64(time(nil))
        var lifetime = Int64(SSL_SESSION_get_timeout(session))
        let hint = Int64(truncatingIfNeeded: SSL_SESSION_get_ticket_lifetime_hint(session))
        if SSL_SESSION_has_ticket(session) == 1, hint > 0 { lifetime = min(lifetime, hint) }
        var expires = now + min(max(lifetime, 0), 86_400)
        if let end = peerCertificate?.notAfter?.secondsSince1970 { expires = min(expires, end) }
        onNewSession(
            TLSSession(
                serialised: serialised,
                version: TLSVersion(rawValue: UInt16(truncatingIfNeeded: SSL_SESSION_get_protocol_version(session))),
                serverName: serverName,
                expires: expires,
                contextIdentifier: clientContext.identifier
            )
        )
    }
}
