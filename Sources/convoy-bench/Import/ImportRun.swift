/// One measured load.
struct ImportRun: Encodable {
  enum Tool: String, Encodable { case convoy, psql }

  let pair: Int
  let tool: Tool
  let wallSeconds: Double
  let clientCPUSeconds: Double
  /// Nil when the server's processes cannot be seen.
  let serverCPUSeconds: Double?
  /// Nil when the client was smaller than this program, which hides its size.
  let clientPeakBytes: Int?
}
