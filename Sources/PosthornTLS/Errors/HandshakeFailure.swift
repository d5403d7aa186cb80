import COpenSSL

/// Turns what OpenSSL reports about a connection into an error with a sentence.
struct HandshakeFailure {
    let peer: String
    let role: TLSEngine.Role
    let wasAskedForCertificate: Bool
    let hasCertificate: Bool
    let isHandshakeComplete: Bool
    let minimumVersion: TLSVersion?

    func error(for queue: OpenSSLErrorQueue, reason: Int32) -> TLSError {
        for entry in queue.entries where entry.library == Int32(ERR_LIB_SSL) {
            // A received alert is reported as its number above an offset.
            if entry.reason >= Int32(SSL_AD_REASON_OFFSET), entry.reason < Int32(SSL_AD_REASON_OFFSET) + 256 {
                let number = UInt8(truncatingIfNeeded: entry.reason - Int32(SSL_AD_REASON_OFFSET))
                return alertError(number, detail: queue.text)
            }
            if let error = localError(entry.reason, detail: queue.text) { return error }
        }
        if queue.entries.isEmpty, reason == SSL_ERROR_SYSCALL || reason == SSL_ERROR_WANT_READ {
            return TLSError(.truncated, "the connection to \(peer) broke off; try again later")
        }
        if reason == SSL_ERROR_ZERO_RETURN {
            return TLSError(
                .truncated,
                "\(peer) ended the connection in the middle of the TLS handshake; try again later"
            )
        }
        return TLSError(
            .protocolViolation,
            "\(peer) broke the rules of TLS, or something on the way changed its data (a firewall, a virus scanner); "
                + "try again, and look at what stands in between if it stays so",
            detail: queue.text.isEmpty ? "OpenSSL result \(reason)" : queue.text
        )
    }

    /// What this side found wrong.
    private func localError(_ reason: Int32, detail: String) -> TLSError? {
        switch reason {
        case Int32(SSL_R_UNSUPPORTED_PROTOCOL), Int32(SSL_R_UNSUPPORTED_SSL_VERSION),
            Int32(SSL_R_NO_PROTOCOLS_AVAILABLE), Int32(SSL_R_VERSION_TOO_LOW), Int32(SSL_R_VERSION_TOO_HIGH),
            Int32(SSL_R_BAD_PROTOCOL_VERSION_NUMBER):
            versionError(alert: nil, detail: detail)
        case Int32(SSL_R_WRONG_VERSION_NUMBER), Int32(SSL_R_HTTP_REQUEST), Int32(SSL_R_HTTPS_PROXY_REQUEST):
            isHandshakeComplete
                ? nil
                : TLSError(
                    .notTLS,
                    "\(peer) does not speak TLS on this port: check host, port and `security`",
                    detail: detail
                )
        case Int32(SSL_R_NO_SHARED_CIPHER), Int32(SSL_R_NO_SUITABLE_KEY_SHARE), Int32(SSL_R_NO_SHARED_GROUPS),
            Int32(SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM), Int32(SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS),
            Int32(SSL_R_WRONG_CIPHER_RETURNED), Int32(SSL_R_UNKNOWN_CIPHER_RETURNED):
            cipherError(alert: nil, detail: detail)
        case Int32(SSL_R_DH_KEY_TOO_SMALL), Int32(SSL_R_EE_KEY_TOO_SMALL), Int32(SSL_R_CA_KEY_TOO_SMALL),
            Int32(SSL_R_BAD_ECPOINT):
            TLSError(
                .weakKey,
                "\(peer) uses a key that is too short to be safe; \(its) operator must renew it "
                    + "(RSA and DH 2048 bits, or elliptic curves)",
                detail: detail
            )
        case Int32(SSL_R_CA_MD_TOO_WEAK), Int32(SSL_R_WRONG_SIGNATURE_TYPE),
            Int32(SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED):
            TLSError(
                .weakSignature,
                "\(peer) signs with an algorithm that is no longer safe (such as SHA-1); \(its) operator must renew it",
                detail: detail
            )
        case Int32(SSL_R_NO_APPLICATION_PROTOCOL):
            TLSError(
                .handshakeFailed,
                "the client offers no application protocol that this server speaks",
                detail: detail
            )
        case Int32(SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED):
            TLSError(
                .handshakeFailed,
                "\(peer) runs TLS software with an old hole (no secure renegotiation, RFC 5746); "
                    + "\(its) operator must update it",
                detail: detail
            )
        case Int32(SSL_R_CERTIFICATE_VERIFY_FAILED):
            TLSError(
                .invalidCertificate,
                "the certificate of \(peer) cannot be verified; \(its) operator must replace it",
                detail: detail
            )
        case Int32(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE):
            TLSError(
                .clientCertificateRequired,
                "the client showed no certificate, and this server demands one",
                detail: detail
            )
        case Int32(SSL_R_UNEXPECTED_EOF_WHILE_READING):
            TLSError(.truncated, "the connection to \(peer) broke off; try again later", detail: detail)
        case Int32(SSL_R_EXCESSIVE_MESSAGE_SIZE), Int32(SSL_R_TOO_MANY_KEY_UPDATES), Int32(SSL_R_RECORD_TOO_SMALL),
            Int32(SSL_R_TOO_MANY_WARN_ALERTS):
            TLSError(
                .limitExceeded,
                "\(peer) sends more than a TLS connection needs; the connection is given up",
                detail: detail
            )
        default: nil
        }
    }

    private var its: String { role == .client ? "the server's" : "its" }

    private func versionError(alert: UInt8?, detail: String) -> TLSError {
        let sentence =
            role == .client
            ? "\(peer) does not speak \(minimumVersion ?? .v1_2) or later, which this side demands; "
                + "the server's operator must turn it on"
                + ((minimumVersion ?? .v1_2) > .v1_2 ? ", or set `tls.minimum` lower" : "")
            : "the client speaks none of the TLS versions of this server"
        return TLSError(.protocolVersion, sentence, alert: alert, detail: detail)
    }

    private func cipherError(alert: UInt8?, detail: String) -> TLSError {
        TLSError(
            .noCommonCipher,
            "\(peer) and this side have no safe encryption method in common; \(its) operator must turn on current "
                + "TLS ciphers",
            alert: alert,
            detail: detail
        )
    }

    /// What the peer found wrong (RFC 8446, section 6.2).
    private func alertError(_ number: UInt8, detail: String) -> TLSError {
        switch Int32(number) {
        case TLS1_AD_PROTOCOL_VERSION:
            return versionError(alert: number, detail: detail)
        case TLS1_AD_INSUFFICIENT_SECURITY:
            return cipherError(alert: number, detail: detail)
        case TLS13_AD_CERTIFICATE_REQUIRED:
            return role == .client
                ? certificateRequired(number, detail: detail) : rejected(number, detail: detail)
        case SSL3_AD_BAD_CERTIFICATE, SSL3_AD_UNSUPPORTED_CERTIFICATE, SSL3_AD_CERTIFICATE_REVOKED,
            SSL3_AD_CERTIFICATE_EXPIRED, SSL3_AD_CERTIFICATE_UNKNOWN, TLS1_AD_UNKNOWN_CA, TLS1_AD_ACCESS_DENIED:
            guard role == .client, wasAskedForCertificate else { return rejected(number, detail: detail) }
            return hasCertificate
                ? TLSError(
                    .clientCertificateRejected,
                    "\(peer) does not accept the client certificate (\(Self.name(of: number))); check "
                        + "`tls.certificate`, its end date, and that the server knows who issued it",
                    alert: number,
                    detail: detail
                )
                : certificateRequired(number, detail: detail)
        case SSL3_AD_HANDSHAKE_FAILURE where role == .client && wasAskedForCertificate && !hasCertificate:
            return certificateRequired(number, detail: detail)
        case SSL3_AD_HANDSHAKE_FAILURE where !isHandshakeComplete:
            return TLSError(
                .handshakeFailed,
                "\(peer) refuses the TLS handshake; most often it has no cipher in common with this side"
                    + (role == .client ? ", or demands a client certificate" : ""),
                alert: number,
                detail: detail
            )
        case TLS1_AD_UNRECOGNIZED_NAME:
            return TLSError(
                .handshakeFailed,
                "\(peer) says that it has no certificate for this name; check `host`",
                alert: number,
                detail: detail
            )
        case TLS1_AD_NO_APPLICATION_PROTOCOL:
            return TLSError(
                .handshakeFailed,
                "\(peer) speaks none of the offered application protocols on this port; check host and port",
                alert: number,
                detail: detail
            )
        default:
            return rejected(number, detail: detail)
        }
    }

    private func certificateRequired(_ number: UInt8, detail: String) -> TLSError {
        TLSError(
            .clientCertificateRequired,
            "\(peer) demands a client certificate, and none is configured; set `tls.certificate` and `tls.key`",
            alert: number,
            detail: detail
        )
    }

    private func rejected(_ number: UInt8, detail: String) -> TLSError {
        TLSError(
            .handshakeFailed,
            "\(peer) broke off the TLS connection with the alert '\(Self.name(of: number))'",
            alert: number,
            detail: detail
        )
    }

    private static func name(of alert: UInt8) -> String {
        guard let text = SSL_alert_desc_string_long(Int32(alert)) else { return String(alert) }
        let name = String(cString: text)
        return name == "unknown" ? String(alert) : name
    }
}
