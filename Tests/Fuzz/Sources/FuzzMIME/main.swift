import Foundation
import FuzzDriver
import MIMEFuzzTargets

/// Which of the targets to run, from the environment: scripts/fuzz says it.
private let target = MIMEFuzz(rawValue: ProcessInfo.processInfo.environment["POSTHORN_FUZZ"] ?? "")

exit(
    FuzzDriver.run { octets, count in
        FuzzDriver.check(octets, count) { input in
            guard let target else { throw CocoaError(.featureUnsupported) }
            try target.run(input)
        }
    }
)
