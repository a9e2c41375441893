internal import ObjectStore

/// The digest of an object as stores have it; archives have one of the same name.
typealias StoreDigest = ContentDigest
