/// A property that does not hold for an input.
package struct FuzzFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// Throws, unless the property holds.
    static func unless(_ holds: Bool, _ property: @autoclosure () -> String) throws(FuzzFailure) {
        if !holds { throw FuzzFailure(property()) }
    }
}
