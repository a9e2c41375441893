internal import Archive

/// The digest of bytes as archives have it; stores have one of the same name.
typealias ArchiveDigest = ContentDigest
