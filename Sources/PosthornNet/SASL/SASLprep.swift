import Foundation

/// SASLprep (RFC 4013) of user names and passwords for SCRAM: what looks the same becomes the same octets.
enum SASLprep {
    /// The prepared text; `nil` if it holds what no user name or password may hold.
    ///
    /// Printable ASCII stays as it is. The rules about mixed writing directions (RFC 3454, section 6) are not
    /// enforced: servers refuse such passwords when they are set.
    static func prepare(_ text: String) -> String? {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var mapped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            // B.1: mapped to nothing.
            case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: continue
            // C.1.2: spaces.
            case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: mapped.append(" ")
            default: mapped.append(scalar)
            }
        }
        let normalised = String(mapped).precomposedStringWithCompatibilityMapping
        return normalised.unicodeScalars.allSatisfy(isAllowed) ? normalised : nil
    }

    /// The prepared octets of a password; as they are if they are not UTF-8.
    static func prepare(_ octets: [UInt8]) -> [UInt8]? {
        guard let text = String(validating: octets, as: UTF8.self) else { return octets }
        return prepare(text).map { Array($0.utf8) }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator: return false
        default: break
        }
        switch scalar.value {
        // C.6 to C.9: not fit for plain text, canonical representation, change of display; non-characters (C.4).
        case 0xFFF9...0xFFFD, 0x2FF0...0x2FFB, 0x340, 0x341, 0x200E, 0x200F, 0x202A...0x202E, 0x206A...0x206F,
            0xE0001, 0xE0020...0xE007F, 0xFDD0...0xFDEF, 0x6DD, 0x70F, 0x180E, 0x2061...0x2063, 0x1D173...0x1D17A:
            return false
        default:
            return scalar.value & 0xFFFE != 0xFFFE
        }
    }
}
