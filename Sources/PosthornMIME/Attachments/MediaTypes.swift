/// Media types by the extensions of file names.
enum MediaTypes {
    /// The media type of a file's name; `application/octet-stream` if its extension is not known.
    static func guess(_ name: String) -> String {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return unknown }
        return table[name[name.utf8.index(after: dot)...].lowercased()] ?? unknown
    }

    static let unknown = "application/octet-stream"

    /// Whether a text is `type/subtype`, both tokens (RFC 2045 section 5.1), and no multipart.
    static func isValid(_ type: String) -> Bool {
        let parts = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, type.utf8.count <= 127 else { return false }
        guard String(Substring(parts[0])).lowercased() != "multipart" else { return false }
        return parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(MIMEText.isTokenOctet) }
    }

    private static let table: [String: String] = [
        // Text and structured data
        "txt": "text/plain", "log": "text/plain", "csv": "text/csv", "tsv": "text/tab-separated-values",
        "htm": "text/html", "html": "text/html", "css": "text/css", "md": "text/markdown", "rtf": "application/rtf",
        "ics": "text/calendar", "vcf": "text/vcard", "js": "text/javascript", "xml": "application/xml",
        "json": "application/json", "yaml": "application/yaml", "yml": "application/yaml", "edi": "application/edifact",
        "xsd": "application/xml", "xsl": "application/xml", "sql": "application/sql",
        // Documents
        "pdf": "application/pdf", "ps": "application/postscript", "eps": "application/postscript",
        "epub": "application/epub+zip", "doc": "application/msword", "dot": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "docm": "application/vnd.ms-word.document.macroEnabled.12",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
        "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "vsd": "application/vnd.visio", "mpp": "application/vnd.ms-project", "msg": "application/vnd.ms-outlook",
        "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
        "odp": "application/vnd.oasis.opendocument.presentation",
        "odg": "application/vnd.oasis.opendocument.graphics", "xps": "application/vnd.ms-xpsdocument",
        // Images and drawings
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp",
        "tif": "image/tiff", "tiff": "image/tiff", "webp": "image/webp", "svg": "image/svg+xml",
        "ico": "image/vnd.microsoft.icon", "heic": "image/heic", "heif": "image/heif", "avif": "image/avif",
        "psd": "image/vnd.adobe.photoshop", "dwg": "image/vnd.dwg", "dxf": "image/vnd.dxf",
        "step": "model/step", "stp": "model/step", "stl": "model/stl", "obj": "model/obj", "glb": "model/gltf-binary",
        // Sound and film
        "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "m4a": "audio/mp4", "flac": "audio/flac",
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "avi": "video/x-msvideo",
        "mpg": "video/mpeg", "mpeg": "video/mpeg", "webm": "video/webm", "wmv": "video/x-ms-wmv",
        // Archives and programs
        "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip", "bz2": "application/x-bzip2",
        "xz": "application/x-xz", "7z": "application/x-7z-compressed", "rar": "application/vnd.rar",
        "tar": "application/x-tar", "zst": "application/zstd", "jar": "application/java-archive",
        "exe": "application/vnd.microsoft.portable-executable",
        "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
        // Mail and signatures
        "eml": "message/rfc822", "p7m": "application/pkcs7-mime", "p7s": "application/pkcs7-signature",
        "asc": "application/pgp-signature", "pem": "application/x-pem-file", "cer": "application/pkix-cert",
        "p12": "application/x-pkcs12", "pfx": "application/x-pkcs12",
    ]
}
