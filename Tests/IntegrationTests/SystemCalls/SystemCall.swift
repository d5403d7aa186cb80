/// A system call of the tool's session, and what can go wrong with it.
struct SystemCall: Sendable {
    let name: String
    /// The errors that it can have, as names of errno.
    let errors: [String]
    /// Why a trap is not this project's to prevent; `nil` if it is.
    let outside: String?

    init(_ name: String, _ errors: String..., outside: String? = nil) {
        self.name = name
        self.errors = errors
        self.outside = outside
    }

    /// The calls that a session rests on. Memory and threads are not among them: no Swift program survives without.
    static let all = [
        SystemCall("socket", "EMFILE", "ENOMEM"),
        SystemCall("connect", "ECONNREFUSED", "ENETUNREACH", "EINTR", "EIO"),
        SystemCall(
            "read",
            "EIO",
            "ECONNRESET",
            "EINTR",
            "EAGAIN",
            outside: "SwiftNIO takes no error of the descriptors that wake it, and no EAGAIN of one that is ready"
        ),
        SystemCall("readv", "EIO", "ECONNRESET", "EINTR", "EAGAIN"),
        SystemCall("recvfrom", "EIO", "ECONNRESET", "EINTR", "EAGAIN"),
        SystemCall("recvmsg", "EIO", "ECONNRESET", "EINTR", "EAGAIN"),
        SystemCall("write", "EIO", "EPIPE", "EINTR", "EAGAIN"),
        SystemCall("writev", "EIO", "EPIPE", "EINTR", "EAGAIN"),
        SystemCall("sendto", "EIO", "EPIPE", "EINTR", "EAGAIN"),
        SystemCall("sendmsg", "EIO", "EPIPE", "EINTR", "EAGAIN"),
        SystemCall("getsockopt", "EIO", "ENOMEM"),
        SystemCall("setsockopt", "EIO", "ENOMEM"),
        SystemCall("getsockname", "EIO", "ENOMEM"),
        SystemCall("getpeername", "EIO", "ENOMEM"),
        SystemCall("shutdown", "EIO", "ENOTCONN"),
        SystemCall("fcntl", "EIO", "EINTR"),
        SystemCall("openat", "EIO", "EMFILE", "ENOMEM"),
        SystemCall("newfstatat", "EIO", "ENOMEM"),
        SystemCall("statfs", "EIO", "ENOMEM"),
        SystemCall("getrandom", "EIO", "EINTR"),
        SystemCall("poll", "EIO", "EINTR"),
        SystemCall("epoll_wait", "EINTR", "EIO", outside: "SwiftNIO ends the process when its event loop fails"),
        SystemCall("epoll_pwait", "EINTR", "EIO", outside: "SwiftNIO ends the process when its event loop fails"),
        SystemCall("close", "EINTR", "EIO", outside: "SwiftNIO takes no error of close(2) but EINTR"),
        SystemCall("epoll_create", "EMFILE", outside: "SwiftNIO has no error for an event loop that cannot be made"),
        SystemCall("eventfd2", "EMFILE", outside: "SwiftNIO has no error for an event loop that cannot be made"),
        SystemCall("timerfd_create", "EMFILE", outside: "SwiftNIO has no error for an event loop that cannot be made"),
        SystemCall("timerfd_settime", "EIO", outside: "SwiftNIO ends the process when its event loop fails"),
        SystemCall("epoll_ctl", "ENOMEM", "ENOSPC", outside: "SwiftNIO leaves its selector half made"),
    ]
}

/// What goes wrong in one run of the tool: the `number`th such call of every thread has an error.
struct Injection: Sendable, CustomStringConvertible {
    let call: SystemCall
    let error: String
    let number: Int

    var description: String { "\(call.name) \(number): \(error)" }

    /// The injections for a session whose undisturbed run made so many calls.
    ///
    /// - Parameter isComplete: every error at every call; otherwise one error at each, in turn.
    static func all(for counts: [String: Int], isComplete: Bool) -> [Injection] {
        SystemCall.all.flatMap { call in
            (0..<(counts[call.name] ?? 0)).flatMap { place in
                let errors = isComplete ? call.errors : [call.errors[place % call.errors.count]]
                return errors.map { Injection(call: call, error: $0, number: place + 1) }
            }
        }
    }
}
