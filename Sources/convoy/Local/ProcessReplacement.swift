internal import Foundation
internal import Pipeline

/// Becomes another program, which gets the terminal and its signals directly.
///
/// - Parameters:
///   - program: absolute path.
///   - arguments: without the program's name.
///   - environment: all variables the program gets.
/// - Returns: why it could not be done; otherwise it does not return.
func replaceProcess(program: String, arguments: [String], environment: [String: String])
  -> RunError
{
  var vector = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
  var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
  unsafe execve(program, &vector, &variables)
  let reason = unsafe String(cString: strerror(errno))
  unsafe (vector + variables).forEach { unsafe free($0) }
  return RunError(.failed, "\(program): \(reason)")
}
