import Foundation
import Testing

/// An independent reader of messages: the `email` package of Python, asked once for many messages.
enum PythonMail {
    /// One part as Python sees it.
    struct Part: Decodable {
        var type: String
        var charset: String?
        var disposition: String?
        var fileName: String?
        var name: String?
        var id: String?
        var method: String?
        /// The decoded octets in hexadecimal digits; `nil` for multiparts and messages.
        var octets: String?
        var encoding: String?
    }

    struct Message: Decodable {
        var header: [[String]]
        var from: [[String]]
        var to: [[String]]
        var parts: [Part]
        var defects: [String]

        subscript(_ name: String) -> String? {
            header.first { $0.first?.lowercased() == name.lowercased() }?.last
        }
    }

    private static let script = """
        import sys, os, json, email, email.policy, email.utils, email.header
        def fix(text):
            # Python keeps UTF-8 in header fields (RFC 6532) as escaped octets.
            return text.encode('utf-8', 'surrogateescape').decode('utf-8') if isinstance(text, str) else text
        def decoded(text):
            pieces = email.header.decode_header(text)
            return ''.join(p if isinstance(p, str) else p.decode(c or 'raw-unicode-escape') for p, c in pieces)
        def people(message, name):
            # The older reader: the newer one of Python 3.11 puts spaces between encoded words of names.
            field = fix(message.get(name, '')).replace('\\r\\n', '')
            return [[decoded(n), a] for n, a in email.utils.getaddresses([field])]
        def part(p):
            payload = None
            if not p.is_multipart():
                payload = p.get_payload(decode=True).hex()
            name = p.get_param('name', unquote=True)
            return {'type': p.get_content_type(), 'charset': p.get_content_charset(), 'disposition': p.get_content_disposition(),
                    'fileName': fix(p.get_filename()), 'name': fix(name) if isinstance(name, str) else None,
                    'id': p['content-id'], 'method': p.get_param('method'),
                    'octets': payload, 'encoding': p['content-transfer-encoding']}
        out = []
        for index in range(int(sys.argv[2])):
            with open(os.path.join(sys.argv[1], str(index) + '.eml'), 'rb') as f:
                octets = f.read()
            m = email.message_from_bytes(octets, policy=email.policy.SMTPUTF8)
            old = email.message_from_bytes(octets, policy=email.policy.compat32)
            parts = [part(p) for p in m.walk()]
            defects = [type(d).__name__ for p in m.walk() for d in p.defects]
            for p in m.walk():
                for k, v in p.items():
                    defects += [k + ': ' + type(d).__name__ for d in getattr(v, 'defects', [])]
            defects = [d for d in defects if not any(octet >= 128 for octet in octets) or 'UndecodableBytes' not in d]
            old_people = {n: people({n: str(v) for n, v in ((k.lower(), w) for k, w in old._headers)}, n) for n in ('from', 'to')}
            out.append({'header': [[k, fix(str(v))] for k, v in m.items()], 'from': old_people['from'], 'to': old_people['to'],
                        'parts': parts, 'defects': defects})
        print(json.dumps(out))
        """

    /// What Python finds in messages.
    static func read(_ messages: [[UInt8]]) throws -> [Message] {
        try TemporaryFolder.with { folder in
            for (index, octets) in messages.enumerated() {
                try Data(octets).write(to: URL(fileURLWithPath: "\(folder)/\(index).eml"))
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["python3", "-c", script, folder, "\(messages.count)"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return try JSONDecoder().decode([Message].self, from: data)
        }
    }

    static func read(_ message: [UInt8]) throws -> Message {
        try #require(try read([message]).first)
    }
}

extension PythonMail.Part {
    var bytes: [UInt8] {
        let digits = Array((octets ?? "").utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A folder that is gone when the work is done.
enum TemporaryFolder {
    static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = try make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = try make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    private static func make() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("posthorn-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }
}
