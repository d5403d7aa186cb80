import Foundation
import FuzzDriver
import FuzzTargets

exit(FuzzDriver.run { FuzzDriver.check($0, $1) { try ReplyFuzz.run($0) } })
