import COpenSSL
import Synchronization

/// A client configuration with its files read: the base of any number of connections, from any number of threads.
///
/// Make one per account and keep it: sessions are resumed only within the context under which they were verified.
package final class TLSContext: Sendable {
    /// What this context was made of.
    package let configuration: TLSConfiguration

    let handle: ContextHandle
    let pins: Set<[UInt8]>
    /// Distinguishes this context from every other one of the process, for sessions.
    let identifier: UInt64
    let hasEmptySystemTrust: Bool

    private static let lastIdentifier = Atomic<UInt64>(0)

    /// Reads the files of the configuration. Blocks for the time that takes.
    ///
    /// - Throws: ``TLSError`` with code `configuration`, naming the file and what is wrong with it.
    package init(_ configuration: TLSConfiguration) throws(TLSError) {
        guard configuration.minimumVersion >= .v1_2 else {
            throw TLSError(
                .configuration,
                "\(configuration.minimumVersion) is no longer safe (RFC 8996); use 1.2 or 1.3 as minimum"
            )
        }
        let handle = try ContextHandle(
            method: TLS_client_method(),
            minimum: configuration.minimumVersion,
            maximum: configuration.maximumVersion,
            securityLevel: 2
        )
        try handle.setCiphers(list: configuration.cipherList, suites: configuration.cipherSuites, securityLevel: 2)
        try TrustStore.load(configuration.trustRoots, into: handle)
        if let path = configuration.revocationList { try TrustStore.loadRevocationLists(at: path, into: handle) }
        if let identity = configuration.clientIdentity {
            try IdentityLoader.load(identity, role: "client", into: handle)
        }
        let protocols = try ContextHandle.encodeProtocols(configuration.applicationProtocols)
        if !protocols.isEmpty, SSL_CTX_set_alpn_protos(handle.pointer, protocols, UInt32(protocols.count)) != 0 {
            throw TLSError(
                .internalFailure,
                "the application protocols cannot be set",
                detail: OpenSSLErrorQueue.take().text
            )
        }
        ph_SSL_CTX_set_session_cache_mode(
            handle.pointer,
            Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR)
        )
        EngineCallbacks.installClient(on: handle.pointer)

        self.configuration = configuration
        self.handle = handle
        pins = try Self.decode(configuration.pins)
        identifier = Self.lastIdentifier.add(1, ordering: .relaxed).newValue
        hasEmptySystemTrust = configuration.trustRoots.sources == [.system] && TrustStore.systemIsEmpty
    }

    private static func decode(_ pins: [String]) throws(TLSError) -> Set<[UInt8]> {
        var result: Set<[UInt8]> = []
        for pin in pins {
            let text = pin.hasPrefix("sha256/") ? String(pin.dropFirst(7)) : pin
            guard let octets = Base64.decode(text), octets.count == 32 else {
                throw TLSError(
                    .configuration,
                    "the pin '\(PeerText.escaped(pin))' is not the base64 of a SHA-256 (44 characters, such as "
                        + "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=); correct it"
                )
            }
            result.insert(octets)
        }
        return result
    }
}
