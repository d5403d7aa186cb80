import Posthorn
import Testing

@testable import PosthornMIME

struct DateReadingTests {
    private func read(_ value: String) -> DateReading? {
        DateReading.read(Array(value.utf8))
    }

    private func check(_ value: String, _ seconds: Int64, _ offset: Int, _ defects: ReadingDefects = []) {
        #expect(
            read(value) == DateReading(secondsSinceEpoch: seconds, offsetMinutes: offset, defects: defects),
            "\(value)"
        )
    }

    @Test func `Dates of the standard are read`() {
        check("Fri, 21 Nov 1997 09:55:06 -0600", 880_127_706, -360)
        check("Mon, 23 Nov 2026 19:24:43 +0000", 1_795_461_883, 0)
        check(" 1 Jan 1970 00:00 +0000\r\n", 0, 0)
        check("Thu, 29 Feb 2024 23:59:60 +0000", 1_709_251_200, 0)
        check(
            "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
            -27_723_480,
            -210
        )
        check("Sat, 1 Jan 2000 00:00:00 +1345", 946_635_300, 825)
    }

    @Test func `Obsolete forms are read`() {
        check("21 Nov 97 09:55:06 GMT", 880_106_106, 0)
        check("Fri, 21 Nov 97 09(comment):   55  :  06 -0600", 880_127_706, -360)
        check("21 Nov 26 00:00:00 EST", 1_795_237_200, -300)
        check("21 Nov 126 00:00:00 UT", 1_795_219_200, 0)
        check("1 Jan 49 00:00 Z", 2_493_072_000, 0)
        check("1 Jan 50 00:00 Z", -631_152_000, 0)
        for (zone, hours) in [
            ("EDT", -4), ("CST", -6), ("CDT", -5), ("MST", -7), ("MDT", -6), ("PST", -8), ("PDT", -7),
        ] {
            check("1 Jan 1970 00:00:00 \(zone)", Int64(-hours) * 3_600, hours * 60)
        }
        // Military zones and unknown names are UTC (RFC 5322 section 4.3).
        check("1 Jan 1970 00:00:00 A", 0, 0)
        check("1 Jan 1970 00:00:00 XYZ", 0, 0, .incompleteDate)
    }

    @Test func `Forms of no mail standard are read`() {
        check("1 Jan 1970 02:00:00 GMT+0200", 0, 120)
        check("1 Jan 1970 02:00:00 +02:00", 0, 120)
        check("1 Jan 1970 02:00:00 UTC+2", 0, 120)
        check("1 Jan 1970 02:00:00+0200", 0, 120)
        check("1970-01-01T02:00:00+02:00", 0, 120)
        check("1970-01-01T00:00:00.123Z", 0, 0)
        check("1970-01-01 00:00:00 +0000", 0, 0)
        check("Thu Jan  1 00:00:00 1970", 0, 0, .incompleteDate)
        check("Thu Jan  1 00:00:00 UTC 1970", 0, 0)
        check("Thu, Jan 1, 1970 02:00:00 PM +0000", 50_400, 0)
        check("Thursday, 01-Jan-70 00:00:00 GMT", 0, 0)
        check("1. January 1970 00:00:00 +0000", 0, 0)
        check("1st Jan 1970 12:00 am GMT", 0, 0)
        check("13/1/1970 00:00:00 GMT", 1_036_800, 0)
        check("1/13/1970 00:00:00 GMT", 1_036_800, 0)
        check("2/1/1970 00:00:00 GMT", 2_678_400, 0)
        check("2.1.1970 00:00:00 GMT", 86_400, 0)
        check("1 Jan 1970 00:00:00 +0100 (CET) extra", -3_600, 60, .extraText)
        check("1 Jan 1970 01:00:00 CET", 0, 60)
    }

    @Test func `What is missing or wrong is named`() {
        check("Mon, 1 Jan 1970 00:00:00 +0000", 0, 0, .wrongDate)
        check("30 Feb 1970 00:00:00 +0000", 5_184_000, 0, .wrongDate)
        check("1 Jan 1970", 0, 0, .incompleteDate)
        check("1 Jan 1970 00:00:00", 0, 0, .incompleteDate)
        check("1 Jan 1970 00:00:00 +9999", 0, 0, .wrongDate)
    }

    @Test func `What is no date is none`() {
        for value in [
            "", " ", "yesterday", "12:00:00", "32 Jan 1970 00:00:00 +0000", "Jan 1970", "1 Jan", "-", "1 Foo 1970",
            "1 Jan 99999", "Wed, 15 Dec 2010 59:10 -0500", "1 Jan 1970 00:61 GMT", "(1 Jan 1970", "0 Jan 1970",
        ] {
            #expect(read(value) == nil, "\(value)")
        }
    }

    @Test func `Every day of four centuries comes back as it was written`() {
        for day in stride(from: Int64(-25_000), to: 150_000, by: 13) {
            let seconds = day * 86_400 + 4_711
            let written = DateField.format(secondsSinceEpoch: seconds, offsetMinutes: 90)
            check(written, seconds, 90)
        }
    }

    @Test func `Changed and cut dates are read or not, and never trap`() {
        let good = Array("Thu, 13-Feb-1969 23:32:54.12 GMT-0330 (New(f)land) 1970-01-01T00:00:00Z 12/11/99".utf8)
        for end in 0...good.count { _ = DateReading.read(good[..<end]) }
        for index in good.indices {
            for octet in UInt8.min...255 {
                var changed = good
                changed[index] = octet
                _ = DateReading.read(changed)
            }
        }
        for value in ["(", "1", ":", "1:", "-", "+9", "jan", "jan-", "99999999999999999999", "1-"] {
            _ = read(String(repeating: value, count: 100_000))
        }
    }
}
