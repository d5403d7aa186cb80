package import Posthorn

/// What to do about a refused sign-in, by what large providers are known to answer.
package enum SignInAdvice {
    /// One half sentence.
    ///
    /// - Parameter name: what the administrator has to allow: `SMTP AUTH`, `POP3`.
    package static func advice(for reply: ServerReply, protocol name: String) -> String {
        let text = reply.text.lowercased()
        if text.contains("application-specific password") || text.contains("app password") {
            return "this provider wants an app password: make one in the account's security settings and set it as "
                + "`password`"
        }
        if text.contains("5.7.139") || text.contains("basic authentication is disabled")
            || reply.enhancedStatus == EnhancedStatus(5, 7, 139)
        {
            return "this provider has switched off passwords for this account: use OAuth 2 (`token`), or let the "
                + "administrator allow \(name)"
        }
        if text.contains("web browser") || text.contains("weblogin") {
            return "this provider wants a sign-in with the web browser first"
        }
        return "check `username` and `password`"
    }
}
