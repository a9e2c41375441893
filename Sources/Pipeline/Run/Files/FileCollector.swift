internal import Archive

/// Walks the roots of a pipeline, and finds out what each file belongs to; reads no content.
struct FileCollector {
  private let plan: FilesPlan
  private let limitBytes: Int?
  private let totals: RunTotals
  private let rejects: RejectFile
  private let link: LinkPattern?
  private(set) var index: ManifestIndex
  /// Real paths of the roots that are directories.
  private let realRoots: [[UInt8]?]
  private(set) var claims = FileClaims()

  /// - Throws: ``RunError`` for a manifest that cannot be read.
  init(
    _ plan: FilesPlan, limitBytes: Int?, totals: RunTotals, rejects: RejectFile
  ) throws(RunError) {
    self.plan = plan
    self.limitBytes = limitBytes
    self.totals = totals
    self.rejects = rejects
    link = plan.spec.files.link.map(LinkPattern.init)
    // Of a root that is a file no path of then is looked for.
    realRoots = plan.roots.map { try? ContainedRoot(path: $0).path.bytes }
    index = try ManifestIndex(plan)
    for (number, manifest) in index.manifests.enumerated() {
      totals.update { sums in
        sums.bytes[plan.roots.count + number] = manifest.storedBytes
        for remark in manifest.remarks {
          sums.findings.note(remark.rule, at: remark.place, field: remark.field, remark.message)
        }
      }
    }
  }

  /// Walks everything.
  ///
  /// - Throws: ``RunError`` for a root that is not there, rejects that cannot be written, and a signal.
  mutating func collect(_ stop: StopSignal) throws(RunError) {
    for (index, root) in plan.roots.enumerated() {
      let path = RawPath(root)
      let isDirectory = try RunError.onFiles { () throws(FileError) in
        try RawDirectory.isDirectory(path)
      }
      let prefix =
        isDirectory ? path.bytes.count + (path.bytes.last == UInt8(ascii: "/") ? 0 : 1) : nil
      var scan = FileScan([path], rules: .uploads(excluding: plan.spec.files.exclude))
      while let task = scan.next() {
        try stop.check()
        let below = prefix.map { task.path.bytes.dropFirst($0) } ?? task.path.lastComponent
        try take(task, below, input: index)
      }
    }
    try refuseUnmet()
  }

  private mutating func take(
    _ task: HashTask, _ below: ArraySlice<UInt8>, input: Int
  ) throws(RunError) {
    switch task.action {
    case .readFound: try claim(task.path, below, input)
    case .readNamed: try claim(task.path, below, input)
    case .settled(.skipped(let reason)): pass(task.path, reason, input)
    case .settled(.unreadable(let error)):
      try refuse(task.path, .fileUnreadable, error.description, input)
    case .settled, .readStandardInput: break
    }
  }

  /// Leaves something out; a directory is no file and is not counted as one.
  private func pass(_ path: RawPath, _ reason: SkipReason, _ input: Int) {
    let isDirectory = path.bytes.last == UInt8(ascii: "/")
    totals.update { sums in
      if !isDirectory {
        sums.tallies[input].files.read += 1
        sums.tallies[input].files.filtered += 1
      }
      let place = Place(file: input)
      switch reason {
      case .excluded:
        sums.files.excluded += 1
        sums.findings.note(.fileExcluded, at: place, "\(path.text) is left out for its name")
      case .link, .fifo, .socket, .device:
        sums.findings.note(
          .fileNotRegular, at: place, "\(path.text) is a \(reason.rawValue), and passed over")
      }
    }
  }

  private func refuse(
    _ path: RawPath, _ rule: Rule, _ message: String, _ input: Int, bytes: [UInt8] = []
  ) throws(RunError) {
    try totals.refuseFile(
      Reject(
        kind: .file, input: path.text, place: Place(file: input), stage: .extract, rule: rule,
        message: message, bytes: bytes), in: rejects)
  }

  private mutating func claim(
    _ path: RawPath, _ below: ArraySlice<UInt8>, _ input: Int
  ) throws(RunError) {
    guard let text = path.validText,
      let name = String(validating: path.lastComponent, as: UTF8.self)
    else {
      meet(below, input)
      return try refuse(
        path, .fileUnnamed, "\(path.text): the name is not UTF-8", input, bytes: path.bytes)
    }
    let state: FileState
    do throws(FileError) {
      state = try FileState(regularFile: path)
    } catch {
      meet(below, input)
      return try refuse(path, .fileUnreadable, error.description, input)
    }
    guard !index.isManifest(state) else { return pass(path, .excluded, input) }
    if let limitBytes, state.size > limitBytes {
      meet(below, input)
      totals.update { sums in
        sums.files.tooLarge += 1
        sums.files.tooLargeBytes += state.size
      }
      return try refuse(
        path, .fileTooLarge,
        "\(path.text) has \(state.size) bytes, and the store takes \(limitBytes)", input)
    }
    totals.update { $0.bytes[input] += state.size }
    let file = claims.add(FileClaims.File(path: path, size: state.size))
    let own = link?.session(in: below).map { FileClaim.Link.continuation($0) } ?? .none
    var claim = FileClaim(file: file, name: name, path: text, link: own, place: Place(file: input))
    let entries = meet(below, input)
    for entry in entries {
      claim.link = entry.continuationId.map { .continuation($0) } ?? own
      claim.name = entry.name ?? name
      claim.isNameless = entry.isNameless
      claim.tags = entry.tags
      claim.metadata = entry.metadata
      claim.lists = entry.lists
      claim.recorded = entry.recorded
      claim.providerUploads = entry.uploads
      claim.time = entry.time
      add(claim)
    }
    guard entries.isEmpty else { return }
    if let real = realPath(below, input), index.isInCache(real) {
      totals.update {
        $0.findings.note(
          .cacheUnlisted, at: claim.place, "\(text) is in no row of the database beside it")
      }
    }
    add(claim)
  }

  /// A path on which there is no link; nil below a root that is a file.
  private func realPath(_ below: ArraySlice<UInt8>, _ input: Int) -> [UInt8]? {
    realRoots[input].map { $0 + ($0.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + below }
  }

  @discardableResult
  private mutating func meet(
    _ below: ArraySlice<UInt8>, _ input: Int
  ) -> [FileManifest.Entry] {
    index.meet(below, realPath: realPath(below, input))
  }

  private mutating func add(_ claim: FileClaim) {
    if claim.link == .none {
      totals.update {
        $0.findings.note(.fileUnlinked, at: claim.place, "\(claim.path) belongs to no session")
      }
    }
    claims.add(claim)
  }

  /// Rejects what manifests say of no file.
  private func refuseUnmet() throws(RunError) {
    for manifest in index.manifests {
      for problem in manifest.problems {
        try refuse(
          problem.rule, problem.place, problem.field, problem.message,
          manifest.source(problem.source))
      }
    }
    try index.forEachUnmet { manifest, entry, outcome throws(RunError) in
      let bytes = manifest.source(entry.source)
      var isOutside = outcome == .outside
      if case .below(let path) = entry.subject { isOutside = leadsOut(path) }
      if isOutside {
        try refuse(
          .fileOutside, entry.place, "path",
          "\(entry.shown) \(reasonOutside(entry))", bytes)
      } else {
        totals.update { $0.files.missing += 1 }
        let reason =
          outcome == .ambiguous
          ? "names several files, which differ in the case of letters"
          : "is no file below a root that is stored"
        try refuse(
          .manifestUnmatched, entry.place, "path", "\(entry.shown) \(reason)", bytes)
      }
    }
  }

  private func reasonOutside(_ entry: FileManifest.Entry) -> String {
    guard case .written(let paths) = entry.subject, let path = paths.first,
      let beginning = plan.writtenRoots.unmappedBeginning(of: path)
    else { return "leads out of the roots, and is not read" }
    return "is below no root, and no key of files.map, such as \(beginning), says where it is now"
  }

  private func refuse(
    _ rule: Rule, _ place: Place, _ field: String?, _ message: String, _ bytes: [UInt8]
  ) throws(RunError) {
    try totals.refuseFile(
      Reject(
        kind: .file, input: plan.inputs[Int(place.input)], place: place, stage: .extract,
        rule: rule, field: field, message: message, bytes: bytes), in: rejects)
  }

  /// Whether a path is absolute, climbs, or passes a symbolic link.
  private func leadsOut(_ path: [UInt8]) -> Bool {
    let names = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard path.first != UInt8(ascii: "/"), !names.contains(where: { $0.elementsEqual("..".utf8) })
    else { return true }
    return plan.roots.contains { root in
      var at = Array(root.utf8)
      return names.contains { name in
        at += [UInt8(ascii: "/")] + name
        return RawPath(at).isLink
      }
    }
  }
}

extension Place {
  /// A file as a whole, which an input holds.
  init(file input: Int) { self.init(input: Int32(input), line: 0, byteOffset: 0, byteLength: 0) }
}
