/// The program between a test and a server that it starts.
///
/// It adopts every descendant of the server (also those that detach themselves, as daemons like to), and ends all of
/// them when it is told to, when the server's main process ends, or when the test process is gone: its standard input
/// is a pipe whose other end nobody but the test process holds.
///
/// - On standard input: `T` asks for an orderly stop (SIGTERM, after the grace period SIGKILL), `K` for SIGKILL at
///   once; the end of the file means `T`.
/// - On descriptor 3: `pid <number>`, later `status <wait status>`; then the end of the file when nothing is left.
enum SupervisorScript {
    static let text = """
        import ctypes, os, select, signal, sys, time
        grace, command = float(sys.argv[1]), sys.argv[2:]
        try:
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
        except Exception:
            pass
        asked = []
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: asked.append(b"T"))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        wake, waker = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)

        def tell(text):
            try:
                os.write(3, text.encode())
            except OSError:
                pass

        try:
            child = os.posix_spawn(
                command[0], command, os.environ, setpgroup=0, setsigdef=signal.valid_signals(),
                file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_CLOSE, 3)])
        except OSError as error:
            tell("failed %s\\n" % error)
            sys.exit(1)
        tell("pid %d\\n" % child)

        def descendants():
            parents = {}
            for name in os.listdir("/proc"):
                if name.isdigit():
                    try:
                        with open("/proc/%s/stat" % name) as file:
                            parents.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
                    except (OSError, IndexError, ValueError):
                        pass
            found, queue = [], [os.getpid()]
            while queue:
                children = parents.get(queue.pop(), [])
                found += children
                queue += children
            return found

        def end(number, everybody):
            targets = [-child] if status is None or not everybody else []
            if everybody and os.path.isdir("/proc/self"):
                targets += descendants()
            for target in targets:
                try:
                    os.kill(target, number)
                except OSError:
                    pass

        status, deadline, listening = None, None, True
        while True:
            while True:
                try:
                    pid, value = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    if status is None:
                        tell("status 0\\n")
                    sys.exit(0)
                if pid == 0:
                    break
                if pid == child:
                    status = value
                    tell("status %d\\n" % value)
                    if deadline is None:
                        deadline = time.monotonic() + min(grace, 1)
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                end(signal.SIGKILL, True)
                pause = 0.01
            else:
                pause = None if deadline is None else deadline - now
            ready = select.select([wake] + ([0] if listening else []), [], [], pause)[0]
            if wake in ready:
                try:
                    os.read(wake, 512)
                except BlockingIOError:
                    pass
            if 0 in ready:
                word = os.read(0, 1)
                listening = word != b""
                asked.append(word)
            while asked:
                if asked.pop(0) == b"K":
                    deadline = time.monotonic()
                elif deadline is None:
                    end(signal.SIGTERM, False)
                    deadline = time.monotonic() + grace
        """
}
