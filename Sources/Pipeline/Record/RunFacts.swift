/// What the rows of a run are made of, as they were before the target had a say.
///
/// A row the target has already, refuses or is given twice counts here as well.
struct RunFacts: Sendable {
  /// Rows made, by stored role.
  var users = 0
  var assistants = 0
  var systems = 0
  /// Roles of the source that are stored under another name; nothing else is named here.
  var sourceRoles = NameCounts()
  var models = NameCounts()
  /// Providers in the spelling they are stored with.
  var providers = NameCounts()
  var tools = NameCounts()
  var timeline = Timeline()
  /// Fields of sessions and messages that no dialect knows.
  var unknownSessionFields = NameCounts()
  var unknownMessageFields = NameCounts()
  var sessionRows = 0
  var messageRows = 0
  /// Bytes of the rows as a server is sent them.
  var sessionBytes = 0
  var messageBytes = 0
}
