import Foundation
import FuzzDriver
import IMAPFuzzTargets

exit(FuzzDriver.run { FuzzDriver.check($0, $1) { try IMAPResponseFuzz.run($0) } })
