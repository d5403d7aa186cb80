import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Both ends of a pipe, closed in every program that is started.
struct PipeEnds {
    var readEnd: Int32
    var writeEnd: Int32

    static func make() throws -> PipeEnds {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            guard pipe(&ends) == 0 else { throw SupportError.system("pipe", errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #else
            guard GNU.pipe2?(&ends, O_CLOEXEC) == 0 else { throw SupportError.system("pipe2", errno) }
        #endif
        // A write to a program that has ended must be an error, not the end of the test process.
        signal(SIGPIPE, SIG_IGN)
        return PipeEnds(readEnd: ends[0], writeEnd: ends[1])
    }
}

#if !canImport(Darwin)
    /// Functions of the C library that its headers show only to programs that define `_GNU_SOURCE`, which Swift does not.
    private enum GNU {
        typealias MakePipe = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
        typealias AddPath =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
        typealias AddNumber = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

        static let pipe2 = function("pipe2", as: MakePipe.self)
        static let addChangeDirectory = function("posix_spawn_file_actions_addchdir_np", as: AddPath.self)
        static let addCloseFrom = function("posix_spawn_file_actions_addclosefrom_np", as: AddNumber.self)

        private static func function<Function>(_ name: String, as type: Function.Type) -> Function? {
            dlsym(dlopen(nil, RTLD_NOW), name).map { unsafeBitCast($0, to: type) }
        }
    }
#endif

/// Starts programs with `posix_spawn`: no shell, no inherited descriptors, no inherited signal mask.
enum Spawn {
    /// POSIX_SPAWN_SETSID.
    #if canImport(Darwin)
        private static let setSession: Int32 = 0x0400
    #else
        private static let setSession: Int32 = 0x80
    #endif

    /// Starts a program and returns its process id; somebody has to wait for it.
    ///
    /// Descriptors that are not given are `/dev/null`. `status` becomes the program's descriptor 3.
    static func start(
        _ program: String,
        arguments: [String],
        environment: [String: String]? = nil,
        directory: String? = nil,
        standardInput: Int32? = nil,
        standardOutput: Int32? = nil,
        standardError: Int32? = nil,
        status: Int32? = nil,
        ownSession: Bool = false
    ) throws -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        for (number, source) in [standardInput, standardOutput, standardError].enumerated() {
            let target = Int32(number)
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        if let status {
            posix_spawn_file_actions_adddup2(&actions, status, 3)
        }
        if let directory {
            #if canImport(Darwin)
                posix_spawn_file_actions_addchdir_np(&actions, directory)
            #else
                _ = GNU.addChangeDirectory?(&actions, directory)
            #endif
        }
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            _ = GNU.addCloseFrom?(&actions, status == nil ? 3 : 4)
        #endif
        if ownSession {
            flags |= setSession
        } else {
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, 0)
        }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))

        let path = try find(program)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment ?? ProcessInfo.processInfo.environment
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, &attributes, &words, &settings)
        guard result == 0 else { throw SupportError.system("starting \(path)", result) }
        return pid
    }

    /// The path of a program: itself when it has a slash, else the first match in `PATH`, `/usr/sbin` and `/sbin` included.
    static func find(_ program: String) throws -> String {
        if program.contains("/") { return program }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for directory in "\(path):/usr/local/sbin:/usr/sbin:/sbin".split(separator: ":") {
            let candidate = "\(directory)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw SupportError("the program '\(program)' is not installed; run scripts/install-deps test")
    }
}

/// The Python that the helpers run in: Debian's own before any other, since it starts quickest and is always whole.
enum Python {
    static func interpreter() throws -> String {
        access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : try Spawn.find("python3")
    }
}
