/// One fault that the verification of a chain found.
struct VerificationFault {
    /// OpenSSL's X509_V_ERR_ number.
    let code: Int32
    /// 0 for the peer's own certificate, more for those above it.
    let depth: Int
    /// The certificate with the fault.
    let certificate: X509Certificate?
    /// The peer's own certificate.
    let leaf: X509Certificate?
    /// How many certificates the peer sent.
    let sentCount: Int
    /// When the revocation list in question ended or ends.
    let listEnd: TLSDate?
    let trustedOrganisations: Set<String>
}
