import COpenSSL

/// The owner of an `SSL_CTX`: what all connections of one configuration share.
///
/// `@unchecked Sendable`: an `SSL_CTX` counts its references atomically and may be used from many threads for making
/// connections as long as nobody changes it; it is only changed while it is built, before this object is shared.
final class ContextHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(method: OpaquePointer?, minimum: TLSVersion, maximum: TLSVersion, securityLevel: Int) throws(TLSError) {
        ERR_clear_error()
        guard let method, let pointer = SSL_CTX_new(method) else {
            throw TLSError(
                .internalFailure,
                "the TLS library of this computer cannot be started; check its installation",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        self.pointer = pointer
        guard minimum <= maximum,
            ph_SSL_CTX_set_min_proto_version(pointer, Int32(minimum.rawValue)) == 1,
            ph_SSL_CTX_set_max_proto_version(pointer, Int32(maximum.rawValue)) == 1
        else {
            ERR_clear_error()
            throw TLSError(
                .configuration,
                "no TLS version is left between \(minimum) and \(maximum); use 1.2 or 1.3 as minimum"
            )
        }
        SSL_CTX_set_security_level(pointer, Int32(truncatingIfNeeded: securityLevel))
        SSL_CTX_set_options(pointer, ph_client_and_server_options())
        ph_SSL_CTX_set_mode(pointer, Int(SSL_MODE_RELEASE_BUFFERS))
    }

    deinit { SSL_CTX_free(pointer) }

    /// Applies the cipher settings; the security level stays what it is, whatever the list says.
    func setCiphers(list: String?, suites: String?, securityLevel: Int) throws(TLSError) {
        if let list {
            guard !list.contains("@"), !list.utf8.contains(0), SSL_CTX_set_cipher_list(pointer, list) == 1 else {
                throw TLSError(
                    .configuration,
                    "the cipher list '\(PeerText.escaped(list))' holds no cipher that OpenSSL knows (see "
                        + "`openssl ciphers`); correct it or leave it out, and leave out '@…'",
                    detail: OpenSSLErrorQueue.take().text
                )
            }
        } else if securityLevel > 0 {
            SSL_CTX_set_cipher_list(pointer, "DEFAULT:!aNULL:!eNULL:!PSK:!SRP")
        } else {
            SSL_CTX_set_cipher_list(pointer, "ALL:!aNULL:!eNULL:!PSK:!SRP")
        }
        if let suites {
            guard !suites.isEmpty, !suites.utf8.contains(0), SSL_CTX_set_ciphersuites(pointer, suites) == 1 else {
                throw TLSError(
                    .configuration,
                    "the TLS 1.3 cipher suites '\(PeerText.escaped(suites))' are not known to OpenSSL; "
                        + "write them like TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
                    detail: OpenSSLErrorQueue.take().text
                )
            }
        }
        SSL_CTX_set_security_level(pointer, Int32(truncatingIfNeeded: securityLevel))
        ERR_clear_error()
    }

    /// The protocol names in the form of RFC 7301: each with its length in front.
    static func encodeProtocols(_ names: [String]) throws(TLSError) -> [UInt8] {
        var result: [UInt8] = []
        for name in names {
            let octets = Array(name.utf8)
            guard let count = UInt8(exactly: octets.count), count > 0, result.count + octets.count < 65_000 else {
                throw TLSError(
                    .configuration,
                    "the application protocol '\(PeerText.escaped(name))' must have 1 to 255 octets; correct it"
                )
            }
            result.append(count)
            result.append(contentsOf: octets)
        }
        return result
    }
}
