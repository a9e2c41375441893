internal import Archive
internal import Synchronization

/// What the messages and sessions of a run name and is to be attached to their sessions; the lock guards all of it.
///
/// Memory: some 200 bytes for each file of each session, and 100 for each time it is named or cited.
final class AttachmentLog: Sendable {
  /// A file that is to be attached, whichever sessions name it.
  struct File: Sendable, Hashable {
    let path: RawPath
    /// The state it was found in; nil of one that nobody but this run can have changed.
    ///
    /// What is at the path later is this file only if device and inode are the same.
    let found: FileState?
    /// Of a file that stood in a message; nil where the content is to tell.
    let mediaType: String?
    var isData: Bool { mediaType != nil }
  }

  /// One file of one session.
  struct Attachment: Sendable {
    /// One message that names it, or the session itself.
    struct Naming: Sendable, Hashable {
      /// As it is written; nil of a file that stands in the message.
      let text: String?
      let message: RowId?
      let place: Place
    }

    let file: File
    let session: RowId
    let continuationId: String
    /// In the order of the inputs.
    fileprivate(set) var namings: [Naming]
    /// Where it is named first.
    var place: Place { namings[0].place }
  }

  fileprivate struct Key: Hashable {
    let session: RowId
    let path: RawPath
  }

  fileprivate struct CitationKey: Hashable {
    let session: RowId
    let id: [UInt8]
  }

  fileprivate struct State {
    var counts = MentionCounts()
    var attachments: [Key: Attachment] = [:]
    var citations: [CitationKey: FileCitation] = [:]
  }

  private let state = Mutex(State())
  private let spool: DataSpool

  init(spool: DataSpool) { self.spool = spool }

  /// Takes what the rows of a batch name that the target has taken.
  ///
  /// `findings` is told of data that cannot be had.
  func add(_ mentions: [FileMention], findings: inout FindingLog) throws(FileError) {
    for mention in mentions {
      var files: [(file: File, text: String?)] = []
      for found in mention.files.found {
        if let file = found.file {
          let text = String(decoding: found.text, as: UTF8.self)
          files.append((File(path: file.path, found: file.state, mediaType: nil), text))
        } else if let file = try spool.file(of: found.text, mention.place, &findings) {
          files.append((file, nil))
        }
      }
      state.withLock { state in
        state.counts += mention.files.counts
        for (file, text) in files { state.add(file, text, mention) }
        for id in mention.files.cited { state.cite(id, mention) }
      }
    }
  }

  /// How many mentions there were of each kind.
  var counts: MentionCounts { state.withLock { $0.counts } }

  /// What is cited of tables of files, the sessions in the order of the inputs, when all of it is known.
  var citations: [FileCitation] {
    var citations = state.withLock { Array($0.citations.values) }
    for index in citations.indices { citations[index].messages.sort { $0.precedes($1) } }
    citations.sort { left, right in
      let (first, second) = (left.messages[0], right.messages[0])
      return first.precedes(second) || !second.precedes(first) && left.id < right.id
    }
    return citations
  }

  /// What is to be attached, in the order of the inputs, when all of it is known.
  var attachments: [Attachment] {
    var attachments = state.withLock { Array($0.attachments.values) }
    for index in attachments.indices {
      attachments[index].namings.sort { $0.precedes($1) }
    }
    attachments.sort { left, right in
      if left.namings[0] == right.namings[0] { return left.file.path.precedes(right.file.path) }
      return left.namings[0].precedes(right.namings[0])
    }
    return attachments
  }
}

extension AttachmentLog.State {
  fileprivate mutating func add(
    _ file: AttachmentLog.File, _ text: String?, _ mention: FileMention
  ) {
    let key = AttachmentLog.Key(session: mention.session, path: file.path)
    let naming = AttachmentLog.Attachment.Naming(
      text: text, message: mention.message, place: mention.place)
    guard attachments[key] == nil else {
      attachments[key]?.namings.append(naming)
      return
    }
    attachments[key] = AttachmentLog.Attachment(
      file: file, session: mention.session,
      continuationId: String(decoding: mention.continuationId, as: UTF8.self), namings: [naming])
  }
}

extension AttachmentLog.State {
  fileprivate mutating func cite(_ id: [UInt8], _ mention: FileMention) {
    guard let message = mention.message else { return }
    citations[
      AttachmentLog.CitationKey(session: mention.session, id: id),
      default: FileCitation(
        id: String(decoding: id, as: UTF8.self), session: mention.session,
        continuationId: String(decoding: mention.continuationId, as: UTF8.self), messages: [])
    ].messages.append(FileCitation.Citing(message: message, place: mention.place))
  }
}

extension AttachmentLog.Attachment.Naming {
  fileprivate func precedes(_ other: Self) -> Bool {
    (place.input, place.byteOffset, text ?? "", message?.high ?? 0, message?.low ?? 0)
      < (
        other.place.input, other.place.byteOffset, other.text ?? "", other.message?.high ?? 0,
        other.message?.low ?? 0
      )
  }
}
