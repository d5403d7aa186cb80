package import Foundation

/// What an independent reader, the `email` package of Python's standard library, finds in a message.
package struct PythonMessage: Sendable, Codable, Hashable {
    /// A header field, its encoded words decoded.
    package struct Field: Sendable, Codable, Hashable {
        /// The name as written.
        package var name: String
        /// The unfolded and decoded value.
        package var value: String
    }

    /// A mailbox of an address field.
    package struct Address: Sendable, Codable, Hashable {
        /// The display name, empty when there is none.
        package var name: String
        /// The address, `local@domain`.
        package var address: String
    }

    /// A leaf of the part tree.
    package struct Part: Sendable, Codable, Hashable {
        /// The section number as IMAP counts (RFC 9051, 6.4.5): `1`, `2.1`.
        package var path: String
        /// `type/subtype` in lower case.
        package var contentType: String
        /// The parameter of that name.
        package var charset: String?
        /// From Content-Disposition, else from Content-Type; RFC 2231 and RFC 2047 decoded.
        package var filename: String?
        /// `inline` or `attachment`.
        package var disposition: String?
        /// With its angle brackets.
        package var contentID: String?
        /// Octets of the transfer-decoded content.
        package var size: Int
        /// SHA-256 of the transfer-decoded content, in hexadecimal.
        package var sha256: String
        /// The text in Unicode, for text parts.
        package var text: String?
    }

    /// Every field of the message's header, in order.
    package var fields: [Field]
    /// The addresses in From.
    package var from: [Address]
    /// The addresses in To.
    package var to: [Address]
    /// The addresses in Cc.
    package var cc: [Address]
    /// The addresses in Reply-To.
    package var replyTo: [Address]
    /// The leaves in the order of the document, those inside of message/rfc822 included.
    package var parts: [Part]
    /// The content types of all nodes in the order of the document, containers included.
    package var tree: [String]
    /// The names of the defects that Python reports, anywhere in the message.
    package var defects: [String]

    /// The value of the first field of a name.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The decoded subject.
    package var subject: String? { self["Subject"] }
}

/// Reads messages with Python.
package enum PythonParser {
    /// Parses the bytes of a message.
    package static func parse(_ message: [UInt8]) async throws -> PythonMessage {
        // The script comes as an argument, so that the standard input is free for the message.
        let result = try await run(Python.interpreter(), ["-I", "-c", script], input: message)
        return try JSONDecoder().decode(PythonMessage.self, from: Data(result.check("python3").outputBytes))
    }

    /// Parses a message in a file.
    package static func parse(_ file: URL) async throws -> PythonMessage {
        try await parse(Array(Data(contentsOf: file)))
    }

    private static let script = """
        import email, email.policy, hashlib, json, sys
        message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
        parts, tree, defects = [], [], []

        def clean(value):
            return None if value is None else str(value).encode("utf-8", "replace").decode()

        def addresses(name):
            found = []
            for value in message.get_all(name, []):
                for item in value.addresses:
                    found.append({"name": clean(item.display_name), "address": clean(item.addr_spec)})
            return found

        def visit(node, path):
            tree.append(node.get_content_type())
            defects.extend(type(defect).__name__ for defect in node.defects)
            for value in node.values():
                defects.extend(type(defect).__name__ for defect in getattr(value, "defects", []))
            if node.get_content_type() == "message/rfc822" and node.is_multipart():
                inner = node.get_payload(0)
                if inner.get_content_maintype() == "multipart":
                    visit(inner, path)
                else:
                    visit(inner, path + [1])
            elif node.is_multipart():
                for number, child in enumerate(node.get_payload(), 1):
                    visit(child, path + [number])
            else:
                content = node.get_payload(decode=True) or b""
                charset = node.get_param("charset")
                if isinstance(charset, tuple):
                    charset = charset[2]
                text = None
                if node.get_content_maintype() == "text":
                    try:
                        text = content.decode(charset or "us-ascii", "replace")
                    except LookupError:
                        pass
                parts.append({
                    "path": ".".join(map(str, path or [1])), "contentType": node.get_content_type(),
                    "charset": clean(charset), "filename": clean(node.get_filename()),
                    "disposition": node.get_content_disposition(), "contentID": clean(node["content-id"]),
                    "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "text": clean(text)})

        visit(message, [])
        json.dump({
            "fields": [{"name": name, "value": clean(value)} for name, value in message.items()],
            "from": addresses("from"), "to": addresses("to"), "cc": addresses("cc"), "replyTo": addresses("reply-to"),
            "parts": parts, "tree": tree, "defects": defects}, sys.stdout)
        """
}
