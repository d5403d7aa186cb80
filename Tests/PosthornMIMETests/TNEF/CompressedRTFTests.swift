import Foundation
import TestSupport
import Testing

@testable import PosthornMIME

@Suite(.computing) struct CompressedRTFTests {
    /// The two examples of [MS-OXRTFCP] sections 4.1.1 and 4.1.2.
    private static let simple = octets(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c0900"
            + "20627705b06c647d0a800fa0"
    )
    private static let crossing = octets("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")

    private static func octets(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func text(_ octets: [UInt8]) -> String {
        String(decoding: CompressedRTF.decompress(octets).octets, as: UTF8.self)
    }

    @Test func `the examples of the specification come out as it says`() {
        let simple = CompressedRTF.decompress(Self.simple)
        #expect(simple.octets == Array("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n".utf8))
        #expect(simple.defects.isEmpty)
        let crossing = CompressedRTF.decompress(Self.crossing)
        #expect(crossing.octets == Array("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}".utf8))
        #expect(crossing.defects.isEmpty)
        #expect(CompressedRTF.initialWindow.count == 207)
    }

    @Test func `a text longer than the window is what another compressor made it of`() throws {
        let compressed = try #require(Data(base64Encoded: Self.long))
        let result = CompressedRTF.decompress(Array(compressed))
        let lines = (0..<500).map { "line \($0 * $0 % 97) of many lines\\par\r\n" }.joined()
        #expect(result.octets == Array("{\\rtf1\\ansi \(lines)}".utf8))
        #expect(result.defects.isEmpty)
    }

    @Test func `what is not compressed comes as it is`() {
        let result = CompressedRTF.decompress(TNEFWriter.storedRTF("{\\rtf1 Hello}"))
        #expect(result.octets == Array("{\\rtf1 Hello}".utf8))
        #expect(result.defects.isEmpty)
        var short = TNEFWriter.storedRTF("{\\rtf1 Hello}")
        short[4] = 200
        #expect(CompressedRTF.decompress(short).defects == [.size])
    }

    @Test func `a wrong checksum is noted, and the text comes all the same`() {
        var octets = Self.simple
        octets[12] ^= 1
        let result = CompressedRTF.decompress(octets)
        #expect(result.octets == CompressedRTF.decompress(Self.simple).octets)
        #expect(result.defects == [.checksum])
    }

    @Test func `a size that lies is noted and changes nothing`() {
        for size: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0], [0, 0, 0, 0]] {
            var octets = Self.simple
            octets.replaceSubrange(4..<8, with: size)
            let result = CompressedRTF.decompress(octets)
            #expect(result.octets.count == 43)
            #expect(result.defects == [.size])
            #expect(result.octets.capacity < 1_000)
        }
    }

    @Test func `octets without a header give nothing`() {
        for count in 0..<16 {
            #expect(CompressedRTF.decompress(Array(Self.simple.prefix(count))).defects == [.noHeader])
        }
        var unknown = Self.simple
        unknown[8] = 0
        #expect(CompressedRTF.decompress(unknown).defects == [.noHeader])
        #expect(CompressedRTF.decompress(unknown).octets.isEmpty)
    }

    @Test func `of a text that is cut off, the beginning comes`() {
        let whole = CompressedRTF.decompress(Self.simple).octets
        for count in 16..<Self.simple.count {
            let result = CompressedRTF.decompress(Array(Self.simple.prefix(count)))
            #expect(whole.starts(with: result.octets))
            #expect(result.defects.contains(.truncated))
        }
    }

    @Test func `octets behind the end do not count`() {
        let result = CompressedRTF.decompress(Self.simple + [1, 2, 3])
        #expect(result.octets.count == 43)
        #expect(result.defects.isEmpty)
    }

    @Test func `every change of an octet gives a text in proportion`() {
        for index in Self.simple.indices {
            for value in UInt8.min...UInt8.max {
                var octets = Self.simple
                octets[index] = value
                #expect(CompressedRTF.decompress(octets).octets.count <= octets.count * 9)
            }
        }
    }

    /// Made by the Python package compressed-rtf.
    private static let long = """
        1QcAAHg0AABMWkZ1/dJTvgkACSBsC4BlIDAgqG9mIAOBeQ2jcwqi2wqADbMxDh8PJjQOHw8mNjkOHw8nNg4fDyYyNXsOHw8mMxSfELgS7w8XNv\
        sRTw8XOA+vF1gOHxW3EU/9ELg3Dh8PJgHADh8Vtw4f/xdnD68auCO/ElgWTxdYHq/fIxgODw8YI78PFzUerxJY/xSfELgRTxJYD68QuB6vElj/\
        EU8wiA4PHGgOHxrHFk8VqP8iDxxoPO8wiBFPFagjvxxo/xLvGrgPrxdYFk8PGA+vHGj/FJ8auBSfELg87xdYI78PGP887xq4Dh8SZx6vHGgWTy\
        MY/xLvIxgWTyMYHq9d/w5/XL//Wm8OT1kvVt8OH1WvDp9Uf/9SLw5vUO9Onw4/TV8Orw+v/0nPDn9Ij0Y/Dk9E/0KvDh//QW8Oj0AvPd8OXzyv\
        Om8OP/85LxBPHq81nw5/NF8yDw5P/zDPLn8OHy0/Do8r/ymvDl//KG8mHw4vJO8iryO/IW8Of/8gLx3vDl8cvxpvDi8ZLw6f/xfvFZ8ObxRfEh\
        8OTxD/Ds//Dj8PRA4PDx8OjxE/Ek8Of/8UbxV/Dk8XnxivDh8azw6P/xzvHf8ObyAfIS8OPyNPFT//Dh8mfw6PKJ8prw5fK88s3/8OLy7/Dp8x\
        HzIvDm80TzVf/w4/N38R7xFPOq8OfzzPPd//Dl8//0EPDi9DLw6fRU9GX/8Ob0h/SY8OP0uvG/8Un07f/w5/UP9SDw5PVC9VPw4vV18fDp9Zf1\
        qPDm9cr2VzXCBwYXINCgBCIDfAMyBvZiBtAA8BH20AfDUBbwDHOQFvAMY42wS/ALc5AV8AtzYBbwDGzDE4AW8AxjMyAW8Axn40DR8K2AtvB3gL\
        bwx4Me8Bbw43BL8K2DEBbweHBm/NALcyDs8AtzU0AW8Hh/sNHxuoNwFvCucEvwd4AW/9HWcwAW8JNx3/D9gBXwko/xjvD9gd/wkoC28dWAFfDH\
        j/Ds8AuCZfDigBXwkoBL8K2P8Ozw4oGO8bqAFvAMcOzw/Y/yFfG6gd/w4oAW8HhxjvCtj/Hf8P2AZvDigLbxuoBL8MeP8LbwkoAW8P5wFvDIcB\
        bwDG/yZfUV8AL1A/Tg8AH0zfSo//AZ9JT0b/AW9FvwAvRH9CP/8AD0EPPr8Bjz1/Gz8BbzoP/wAvOM82fwGvNT8y7wF/Ma//AD8wby4fAA8s3y\
        qPAY8pT/8Ivx3/Jb8AHySPIk8BryEP/x6/AX8dfwA/HD8Z7wAPGK//Fl8BjxUfBw8LbxGPAB8QT/8N/wGfDL8KfwF/CU8APwgP/wW/AA8EfwB/\
        AY8A7wBPBL//Bc8AHwfvCP8BnwsfDC8Bf/8OTwA/EG8RfwAPE58UrwGP/xbPCm8Y7xn/AB8cHx0vAZ//H08gXwFvIn8ALySfJa8AD/8nzyjfAY\
        8q/w9vHf8uLwAf/zBPMV8BnzN/NI8BbzavAC//OM853wGvO/89DwGPPy8bP/8d/0JfAC9Ef0WPAa9Hr0i//wF/St8AP0z/Tg8AH1AvUT//AA9T\
        X1EvAa9QD03fAZ9MrwdKXwFvSR95IGxpbgBlc1xwYXINCjEA0iA0OQBPAVY2NLMATwFWODEATwFWMwBPbQFWMgOfAUg3AE8BVjf+MgBPCAcATw\
        ZnBU8C+Av/eQFHOTUATwZnBu8LWDDbAE8BVjEL/wFHNQbvEgj/AD8BSAOfEggFTwFIBu8SCP8DnxjIFg8EqABPAwcSrwf4/wpPBKglLxjIA58H\
        +Av/BKj/Ae8C+AVPBlgSrxcYBU8EqP8APwL4AD8BSCUvBlgL/xcY/yUvAvgATxIXBu8EqBKvC1j/Ae8LWBKvC1gG70Y/AK9E//9CrwB/QW8/Hw\
        BPPe8Azzy//zpvAJ85LzbfAG81nxavBU//Mg8ArzDPLn8Afy0/Ku8AT/8prwC/KG8mHwCPJO8irwBv/yFvAN8G7x3fAK8cnxpPAH//GQ8WvwBP\
        FX8AvxQ/Ee8Aj/8Qrw5fAF8NLwrvC/8JrwCv/whvBi8AjwT/Aq8AXwFvAM//AC8H6RKvFxgAPxIIAE8BV/8ATxcnAE8BVhYPlt8Av5W//5OPAK\
        +SX5APAH+OzwDvAE//Aw8AvwUvBj8AnwhfCW8Ab/8LjwePAE8OvwC/EN8R7wCP/xQPFR8AXxc/AM8ZXxpvAJ//HI8dnwBvH78RnwOfIu8Ar/8l\
        DyYfAI8oPylPAF8rbwDP/y2PLp8AnzC/Mc8AbzPvBD//AD83HwCvOT86TwB/PG89f/8AXz+fAM9Bv0LPAJ9E70X//wBvRm8K7xKvQt8Ar0GfP0\
        //AH8+HzvfAF86nwDPOV83Dx8AnzXPM38AbzI/bGluAGVzXHBhcg0KAQASIDYxIG9mIJBtYW55AA84OQE/mQCWMjIBPwCWNTQBP20CRzgBPwP3\
        NwE/AJc1bwE/AkcBPwWnMAE/AJY58wY/AIc0MwE/D7cBLxFYewY/D6g2AT8FpxH/AIcxtjIBPwCWNw6fAIczEf//D6gLTwCIGm8dKAEvA+gBP/\
        8bhxpvEVgJnwPoBj8dKAE//wJHAS8AiAY/EVgC3x0oFw//A+gLTxnIFw8PqAE/EWcBP/8Z1wE/AJYOnzmfAa84fzZP/wGfNR8yzwFvMY8vPwE/\
        Lf//Aa8svyp/AY8pTyb/AV8lvxcDfwE/AJF9VHA=
        """
}
