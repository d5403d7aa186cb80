#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// System calls whose names the types of the tests have taken.
enum Sys {
    #if canImport(Glibc)
        static let stream = Int32(SOCK_STREAM.rawValue)
    #else
        static let stream = SOCK_STREAM
    #endif

    #if os(Linux)
        /// POLLRDHUP, which glibc's headers hide behind a macro.
        static let ended: Int16 = 0x2000
        static let noSignal = Int32(MSG_NOSIGNAL)
    #else
        static let ended = Int16(POLLHUP)
        static let noSignal: Int32 = 0
    #endif

    static func send(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.send(fd, bytes.baseAddress, bytes.count, noSignal)
        #elseif canImport(Musl)
            Musl.send(fd, bytes.baseAddress, bytes.count, noSignal)
        #else
            Darwin.send(fd, bytes.baseAddress, bytes.count, noSignal)
        #endif
    }

    static func release(_ fd: Int32) { _ = close(fd) }
    static func attach(_ fd: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
        bind(fd, address, length) == 0
    }
    static func await(_ fd: Int32, _ backlog: Int32) -> Bool { listen(fd, backlog) == 0 }

    static func resetOnClose(_ fd: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
