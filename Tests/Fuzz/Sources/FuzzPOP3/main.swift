import Foundation
import FuzzDriver
import POP3FuzzTargets

exit(FuzzDriver.run { FuzzDriver.check($0, $1) { try POP3Fuzz.run($0) } })
