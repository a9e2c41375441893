/// Encodings of COPY … (FORMAT binary) (PostgreSQL documentation, COPY, "Binary Format").
///
/// The functions append to a plain array and are inlinable, because they run once a field.
public enum BinaryCopy {
  /// What every binary COPY starts with: signature, no flags, no extension.
  public static let header: [UInt8] =
    [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]
    + Array(repeating: 0, count: 8)

  /// What every binary COPY ends with.
  public static let trailer: [UInt8] = [0xFF, 0xFF]
}

extension [UInt8] {
  /// Appends an integer in network byte order.
  @inlinable
  public mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
    append(addingCapacity: T.bitWidth / 8) { $0.append(bigEndian: value) }
  }

  /// Overwrites bytes with an integer in network byte order.
  @inlinable
  public mutating func overwrite<T: FixedWidthInteger>(bigEndian value: T, at offset: Int) {
    precondition(offset >= 0 && offset + T.bitWidth / 8 <= count, "integer outside the bytes")
    unsafe withUnsafeMutableBytes { bytes in
      unsafe bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }
  }

  /// Appends a NULL field.
  @inlinable
  public mutating func appendNull() { append(bigEndian: Int32(-1)) }
}

extension OutputSpan<UInt8> {
  /// Appends an integer in network byte order; there must be room for it.
  @inlinable
  public mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
    let size = T.bitWidth / 8
    precondition(size <= freeCapacity, "no room for the integer")
    unsafe withUnsafeMutableBufferPointer { target, count in
      let bytes = UnsafeMutableRawBufferPointer(target)
      unsafe bytes.storeBytes(of: value.bigEndian, toByteOffset: count, as: T.self)
      count += size
    }
  }
}
