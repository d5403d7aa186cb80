/// A program that plays SMTP servers with TLS, by Python's `ssl`: good ones, bad ones, and one that is hostile.
///
/// It shares no code with Posthorn. Its first argument is a JSON object, name → behaviour; it prints one line, the JSON
/// object name → port, and writes into its working directory what comes: `NAME.clear` (outside of TLS), `NAME.inside`
/// (decrypted), `NAME.raw` (every octet), `NAME.log` (a line for every beginning and end of a connection).
enum PeerScript {
    static let text = """
        import json, os, socket, ssl, sys, threading, warnings
        warnings.simplefilter("ignore")
        lock = threading.Lock()

        class End(Exception):
            pass

        class Peer:
            def __init__(self, name, behaviour, connection):
                self.name, self.behaviour, self.connection = name, behaviour, connection
                self.tls, self.input = None, b""
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def record(self, kind, data):
                with lock, open(self.name + "." + kind, "ab") as file:
                    file.write(data)

            def receive(self):
                data = self.connection.recv(65536)
                if not data:
                    raise End
                self.record("raw", data)
                return data

            def fill(self):
                if not self.tls:
                    data = self.receive()
                    self.record("clear", data)
                    self.input += data
                    return
                while True:
                    try:
                        data = self.tls.read(65536)
                        if not data:
                            raise End
                        self.record("inside", data)
                        self.input += data
                        return
                    except ssl.SSLWantReadError:
                        self.flush()
                        self.incoming.write(self.receive())
                    except ssl.SSLZeroReturnError:
                        raise End

            def flush(self):
                data = self.outgoing.read()
                if data:
                    self.connection.sendall(data)

            def line(self):
                while b"\\n" not in self.input:
                    self.fill()
                line, self.input = self.input.split(b"\\n", 1)
                return line.strip()

            def send(self, text):
                data = text if isinstance(text, bytes) else text.encode()
                if self.tls:
                    self.tls.write(data)
                    self.flush()
                else:
                    self.connection.sendall(data)

            def drain(self):
                while True:
                    self.fill()
                    self.input = b""

            def context(self):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                if self.behaviour.get("weak"):
                    context.set_ciphers("ALL:@SECLEVEL=0")
                    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
                if self.behaviour.get("maximum"):
                    context.maximum_version = getattr(ssl.TLSVersion, self.behaviour["maximum"])
                context.load_cert_chain(self.behaviour["chain"], self.behaviour["key"])
                if self.behaviour.get("clients"):
                    context.load_verify_locations(self.behaviour["clients"])
                    context.verify_mode = ssl.CERT_REQUIRED
                return context

            def handshake(self):
                kind = self.behaviour.get("handshake", "whole")
                if kind == "plain":
                    if self.behaviour["security"] == "starttls":
                        self.fill()
                        self.input = b""
                    return
                self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                # What the client sent before it could know better is for the TLS library, too.
                self.incoming.write(self.input)
                self.input = b""
                tls = self.context().wrap_bio(self.incoming, self.outgoing, server_side=True)
                while True:
                    try:
                        tls.do_handshake()
                        self.flush()
                        break
                    except ssl.SSLWantReadError:
                        if kind == "whole":
                            self.flush()
                        elif self.outgoing.pending:
                            data = self.outgoing.read()
                            if kind == "truncated":
                                self.connection.sendall(data[: len(data) // 2])
                                raise End
                            self.drain()
                        self.incoming.write(self.receive())
                    except ssl.SSLError:
                        self.flush()
                        raise
                self.tls = tls

            def capabilities(self):
                words = ["peer.test", "PIPELINING", "8BITMIME", "SIZE 100000000"]
                if self.behaviour["security"] == "starttls" and not self.tls and self.behaviour.get("offer", True):
                    words.append("STARTTLS")
                words.append("AUTH EXTERNAL" if self.behaviour.get("clients") else "AUTH PLAIN LOGIN")
                return "".join("250-%s\\r\\n" % word for word in words[:-1]) + "250 %s\\r\\n" % words[-1]

            def answer(self, line):
                command = line.split(b" ")[0].upper()
                if command == b"EHLO":
                    if self.behaviour.get("refuse_ehlo"):
                        return "502 5.5.1 What is EHLO?\\r\\n"
                    return self.capabilities()
                if command == b"HELO":
                    return "250 peer.test\\r\\n"
                if command == b"AUTH":
                    words = line.split(b" ")
                    if words[1].upper() == b"LOGIN":
                        for challenge in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                            self.send("334 %s\\r\\n" % challenge)
                            self.line()
                    elif len(words) < 3:
                        self.send("334 \\r\\n")
                        self.line()
                    return "235 2.7.0 signed in\\r\\n"
                if command == b"DATA":
                    self.send("354 go on\\r\\n")
                    while self.line() != b".":
                        pass
                    return "250 2.0.0 queued as PEER1\\r\\n"
                if command == b"QUIT":
                    self.send("221 2.0.0 bye\\r\\n")
                    raise End
                return "250 2.0.0 ok\\r\\n"

            def serve(self):
                security = self.behaviour["security"]
                if security == "proxy":
                    return self.proxy()
                if security == "tls":
                    self.handshake()
                self.send("220 peer.test ESMTP\\r\\n")
                while True:
                    line = self.line()
                    if line.upper() == b"STARTTLS" and not self.tls:
                        # Surplus octets are part of the same write, so that they arrive with the reply.
                        reply = self.behaviour.get("reply", "220 2.0.0 go on\\r\\n")
                        self.send(reply)
                        if self.behaviour.get("later"):
                            if self.behaviour.get("waits"):
                                self.input += self.receive()
                            self.send(self.behaviour["later"])
                        if reply.startswith("220"):
                            self.handshake()
                            if self.behaviour.get("handshake") == "plain":
                                self.send("220 peer.test ESMTP\\r\\n")
                    else:
                        self.send(self.answer(line))

            def proxy(self):
                target = int(self.line().split(b" ")[1].rsplit(b":", 1)[1])
                while self.line():
                    pass
                server = socket.create_connection(("127.0.0.1", target))
                self.send("HTTP/1.1 200 OK\\r\\n\\r\\n")
                server.sendall(self.input)
                threading.Thread(target=pump, args=(server, self.connection), daemon=True).start()
                pump(self.connection, server)

            def run(self):
                try:
                    self.serve()
                except (End, OSError, ssl.SSLError, IndexError, ValueError):
                    pass
                finally:
                    self.connection.close()
                    self.record("log", b"ended\\n")

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        def accept(name, behaviour, listener):
            while True:
                connection = listener.accept()[0]
                peer = Peer(name, behaviour, connection)
                peer.record("log", b"begun\\n")
                threading.Thread(target=peer.run, daemon=True).start()

        ports = {}
        for name, behaviour in json.load(open(sys.argv[1])).items():
            host = behaviour.get("host", "127.0.0.1")
            listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
            ports[name] = listener.getsockname()[1]
            threading.Thread(target=accept, args=(name, behaviour, listener), daemon=True).start()
        print(json.dumps(ports), flush=True)
        threading.Event().wait()
        """
}
