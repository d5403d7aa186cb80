/// A typed key for something that a host may wish for, or require, when it sends a message.
public protocol SendOption {
    /// What the option carries.
    associatedtype Value: Sendable
    /// The name shown to people: in ``SendReceipt/ignoredOptions`` and in errors.
    static var name: String { get }
}

/// Wishes and requirements for one message.
///
/// ```swift
/// var options = SendOptions()
/// options[DeliveryNotification.self] = DeliveryNotification(on: [.failure, .delay])   // a wish
/// options.require(DeliveryNotification.self, .init(on: [.success]))                   // or a requirement
/// ```
/// A wish that a transport cannot fulfil is listed in the receipt. A requirement that it cannot fulfil is
/// the error `unsupported`, before anything is sent.
public struct SendOptions: Sendable {
    private struct Entry: Sendable {
        var name: String
        var value: any Sendable
        var isRequired: Bool
    }
    private var entries: [ObjectIdentifier: Entry] = [:]

    /// No option at all.
    public init() {}

    /// Whether nothing is wished for or required.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of an option, wished for or required.
    public subscript<Option: SendOption>(_ option: Option.Type) -> Option.Value? {
        get { entries[ObjectIdentifier(option)]?.value as? Option.Value }
        set {
            entries[ObjectIdentifier(option)] = newValue.map {
                Entry(name: Option.name, value: $0, isRequired: false)
            }
        }
    }

    /// Sets an option that must be fulfilled; otherwise nothing is sent.
    public mutating func require<Option: SendOption>(_ option: Option.Type, _ value: Option.Value) {
        entries[ObjectIdentifier(option)] = Entry(name: Option.name, value: value, isRequired: true)
    }

    /// For transports: the names of the wishes that are not in `fulfilled`, sorted.
    ///
    /// - Throws: ``MailError`` with code `unsupported` if one of the others is a requirement.
    public func ignored(fulfilled: [any SendOption.Type], by way: String) throws -> [String] {
        guard !entries.isEmpty else { return [] }
        let known = Set(fulfilled.map { ObjectIdentifier($0) })
        let others = entries.filter { !known.contains($0.key) }.map(\.value)
        if let required = others.filter(\.isRequired).map(\.name).sorted().first {
            throw MailError(
                .unsupported,
                "the message requires '\(required)', which \(way) cannot do; nothing was sent: "
                    + "send it another way or make the requirement a wish"
            )
        }
        return others.map(\.name).sorted()
    }
}
