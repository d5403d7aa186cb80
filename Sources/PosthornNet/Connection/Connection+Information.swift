import PosthornTLS

/// What TLS agreed on, for diagnosis and logs. Text of the peer is escaped and cut.
package struct EncryptionInfo: Sendable, Hashable {
    /// `TLS 1.3`
    package let version: String
    /// OpenSSL's name of the cipher.
    package let cipher: String
    /// Whether an earlier session was continued.
    package let wasResumed: Bool
    /// The server's certificate first, then those above it.
    package let certificates: [Certificate]

    /// A certificate as people want to know it.
    package struct Certificate: Sendable, Hashable {
        /// The subject's name.
        package let subject: String
        /// The issuer's name.
        package let issuer: String
        /// The host names and addresses it is valid for.
        package let names: [String]
        /// From when it is valid.
        package let notBefore: String?
        /// Until when it is valid.
        package let notAfter: String?
        /// When it ends, in seconds since 1970.
        package let expires: Int64?
        /// The value for the setting `tls.pins`.
        package let pin: String
    }
}

/// Values that both ends of a TLS connection and nobody else know, for SCRAM's -PLUS forms.
package struct ChannelBindings: Sendable {
    /// `tls-exporter` (RFC 9266).
    package var exporter: [UInt8]?
    /// `tls-server-end-point` (RFC 5929).
    package var serverEndPoint: [UInt8]?
    /// Whether the connection uses TLS 1.3 or later, where `tls-exporter` is the one to be used.
    package var prefersExporter: Bool

    package init(exporter: [UInt8]? = nil, serverEndPoint: [UInt8]? = nil, prefersExporter: Bool = true) {
        self.exporter = exporter
        self.serverEndPoint = serverEndPoint
        self.prefersExporter = prefersExporter
    }
}

extension Connection {
    /// What TLS agreed on; `nil` without TLS.
    package var encryption: EncryptionInfo? {
        guard let information = inner.withLock({ $0.tls?.information }) else { return nil }
        return EncryptionInfo(
            version: information.version.description,
            cipher: information.cipher,
            wasResumed: information.wasResumed,
            certificates: information.certificates.map { certificate in
                EncryptionInfo.Certificate(
                    subject: certificate.subject,
                    issuer: certificate.issuer,
                    names: certificate.names.map(\.description),
                    notBefore: certificate.notBefore?.description,
                    notAfter: certificate.notAfter?.description,
                    expires: certificate.notAfter?.secondsSince1970,
                    pin: certificate.pin
                )
            }
        )
    }

    /// The channel bindings of the TLS connection; `nil` without TLS.
    package var channelBindings: ChannelBindings? {
        inner.withLock { state in
            guard let tls = state.tls, let information = tls.information else { return nil }
            return ChannelBindings(
                exporter: tls.tlsExporter,
                serverEndPoint: tls.tlsServerEndPoint,
                prefersExporter: information.version >= .v1_3
            )
        }
    }
}
