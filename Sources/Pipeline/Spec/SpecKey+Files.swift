extension PipelineSpec {
  /// The keys of section `files`.
  static let filesKeys: [SpecKey] = [
    SpecKey(
      "files.roots", .roots, \.files.roots,
      "directories and files to store, relative to the working directory"),
    SpecKey(
      "files.link", SpecType.linkPattern.optional, \.files.link, default: "none",
      "path below a root that names the session, with * and ? in a name and ** for any directories"),
    SpecKey(
      "files.manifest", .pathOrPaths, \.files.manifest, default: "none",
      "what says more of files below the roots: CSV or JSONL with path, continuation_id, tags and metadata; "
        + "a file registry, a file cache, a download cache or uploads to providers"),
    SpecKey(
      "files.map", .map(of: SpecType<String>.text), \.files.map,
      "places below a root by the paths that registries have for them, such as {/app: uploads/app}; the longest wins"
    ),
    SpecKey(
      "files.timeZone", .timeZones(), \.files.timeZone, default: "each form's own",
      "zone of times that manifests have without one: for all forms, or for some of file-registry, file-cache, "
        + "download-cache, uploads and references"),
    SpecKey(
      "files.exclude", .namePatterns, \.files.exclude,
      "names left out, with * and ?, beside secrets, version control and caches"),
  ]

  /// The keys of section `store`.
  static let storeKeys: [SpecKey] = [
    SpecKey(
      "store.kind", SpecType.choice.optional, \.store.kind,
      default: "supabase with an address, else directory", "what keeps the bytes of files"),
    SpecKey(
      "store.directory", SpecType.text.optional, \.store.directory,
      default: "objects in the state directory", "directory of the objects"),
    SpecKey(
      "store.url", SpecType.storeURL.optional, \.store.url, default: "SUPABASE_URL",
      "address of the Supabase project or its Storage; never with a key"),
    SpecKey("store.bucket", .text, \.store.bucket, "bucket of the objects, made if missing"),
    SpecKey(
      "store.publicBucket", .choice, \.store.publicBucket,
      "what becomes of a bucket that everybody can read"),
    SpecKey("store.uploads", .integer(1...64), \.store.uploads, "uploads at a time"),
    SpecKey(
      "store.keyCommand", SpecType.command.optional, \.store.keyCommand, default: "none",
      "shell command that prints the key, where neither SUPABASE_SERVICE_ROLE_KEY nor "
        + "SUPABASE_SECRET_KEY holds it"),
  ]
}

extension SpecType where Value == [String] {
  /// Directories and files.
  static let roots = list(allowed: "paths", example: "uploads")
  /// A path, or several of them.
  static let pathOrPaths = SpecType(
    "text or list of text", allowed: nil, show: roots.show
  ) { node, check in
    guard node.scalar == nil else {
      return SpecType<String>.text.read(node, &check).map { [$0] }
    }
    return list(allowed: "paths", example: "file_registry.db").read(node, &check)
  }
  /// Names with wildcards, none of them a path.
  static let namePatterns = SpecType(
    "list of text", allowed: "names, with * and ?", show: roots.show
  ) { node, check in
    guard let names = list(allowed: "names", example: "\"*.tmp\"").read(node, &check) else {
      return nil
    }
    guard names.allSatisfy({ !$0.contains("/") }) else {
      check.refuse(node, "must be names without a slash: they are compared at every depth")
      return nil
    }
    return names
  }
}

extension SpecType where Value == String {
  /// The place of one name in a relative path.
  static let linkPattern = SpecType(
    "path pattern", allowed: "{continuation_id} once",
    expected: "a relative path with {continuation_id} once, such as {continuation_id}/**",
    parse: { scalar in
      let text = scalar.text
      let pieces = text.split(separator: "{continuation_id}", omittingEmptySubsequences: false)
      let names = text.split(separator: "/", omittingEmptySubsequences: false)
      guard pieces.count == 2, !pieces.contains(where: { $0.contains { "{}[]\0".contains($0) } }),
        names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }),
        names.allSatisfy({ $0 == "**" || !$0.contains("**") })
      else { return nil }
      return text
    }, show: SpecText.quoted)

  /// Reads and refuses without showing what may hold a secret.
  static let storeURL = SpecType(
    "URL", allowed: "https://…", show: SpecText.quoted
  ) { node, check in
    guard let text = node.scalar?.text,
      let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }),
      text.count > scheme.count, !text.contains(where: { $0.isWhitespace || "@?#\0".contains($0) })
    else {
      check.refuse(
        node, "must be the address of a project such as https://REF.supabase.co, without a key",
        allowed: "https://…")
      return nil
    }
    return text
  }
}
