internal import Testing

@testable internal import Pipeline

@Suite struct PeakMemoryTests {
  @Test func `the high water line is in KiB`() {
    let status = "Name:\tconvoy\nVmPeak:\t  999999 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n"
    #expect(PeakMemory.highWaterBytes(inStatus: Array(status.utf8)) == 12345 * 1024)
    #expect(PeakMemory.highWaterBytes(inStatus: Array("Name:\tconvoy\n".utf8)) == nil)
  }

  @Test func `memory once touched stays in the peak`() {
    let touched = Array(repeating: UInt8(1), count: 33_554_432)
    #expect(PeakMemory.residentBytes() >= touched.count)
  }
}
