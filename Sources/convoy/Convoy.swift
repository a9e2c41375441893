internal import ArgumentParser
internal import CMalloc
internal import Pipeline

@main
struct Convoy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convoy",
    abstract: "Move legacy AI conversations and files into Supabase/Postgres, and prove it.",
    version: Runner.version,
    subcommands: [
      RunCommand.self, PlanCommand.self, PreviewCommand.self, DetectCommand.self,
      RejectsCommand.self,
      RunsCommand.self, ShowCommand.self, HashCommand.self, DoctorCommand.self, SchemaCommand.self,
      LocalCommand.self, ArchiveCommand.self, FilesCommand.self,
    ])

  static func main() async {
    keepFreedMemory()
    await main(nil)
  }

  /// Lets the memory of one batch's buffers be used for those of the next.
  ///
  /// By default the C library gives it back to the system at once, which has to fill it with zeros before it
  /// can be had again.
  private static func keepFreedMemory() {
    #if canImport(Glibc)
      mallopt(M_MMAP_THRESHOLD, 16 << 20)
      mallopt(M_TRIM_THRESHOLD, 64 << 20)
    #endif
  }
}
