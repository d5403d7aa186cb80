import COpenSSL

/// A server configuration with its files read.
package final class TLSServerContext: Sendable {
    /// What this context was made of.
    package let configuration: TLSServerConfiguration

    let handle: ContextHandle
    /// The application protocols in wire form, most wanted first.
    let protocols: [UInt8]

    /// Reads the files of the configuration. Blocks for the time that takes.
    ///
    /// - Throws: ``TLSError`` with code `configuration`, naming the file and what is wrong with it.
    package init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        let handle = try ContextHandle(
            method: TLS_server_method(),
            minimum: configuration.minimumVersion,
            maximum: configuration.maximumVersion,
            securityLevel: configuration.securityLevel
        )
        try handle.setCiphers(
            list: configuration.cipherList,
            suites: nil,
            securityLevel: configuration.securityLevel
        )
        try IdentityLoader.load(configuration.identity, role: "server", into: handle)
        SSL_CTX_set_options(handle.pointer, ph_server_options())
        switch configuration.clientCertificates.demand {
        case .none:
            break
        case .wanted(let roots):
            try TrustStore.load(roots, into: handle)
            EngineCallbacks.installClientVerification(on: handle.pointer, isRequired: false)
        case .required(let roots):
            try TrustStore.load(roots, into: handle)
            EngineCallbacks.installClientVerification(on: handle.pointer, isRequired: true)
        }
        let identifier: [UInt8] = Array("posthorn".utf8)
        SSL_CTX_set_session_id_context(handle.pointer, identifier, UInt32(identifier.count))
        if !configuration.allowsResumption {
            SSL_CTX_set_options(handle.pointer, ph_no_ticket_option())
            SSL_CTX_set_num_tickets(handle.pointer, 0)
            ph_SSL_CTX_set_session_cache_mode(handle.pointer, Int(SSL_SESS_CACHE_OFF))
        }
        EngineCallbacks.installServer(on: handle.pointer)
        self.configuration = configuration
        self.handle = handle
        protocols = try ContextHandle.encodeProtocols(configuration.applicationProtocols)
    }
}
