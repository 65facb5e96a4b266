// What does an app hold? One client, with a stub for each service.

import 'package:grpc/grpc_or_grpcweb.dart' show GrpcOrGrpcWebClientChannel;
import 'package:grpc/service_api.dart' show ClientChannel, ClientInterceptor;

import 'calls.dart';
import 'gen/tallystick/v1/auth_service.pbgrpc.dart';
import 'gen/tallystick/v1/backup_service.pbgrpc.dart';
import 'gen/tallystick/v1/budget_service.pbgrpc.dart';
import 'gen/tallystick/v1/export_service.pbgrpc.dart';
import 'gen/tallystick/v1/file_service.pbgrpc.dart';
import 'gen/tallystick/v1/group_service.pbgrpc.dart';
import 'gen/tallystick/v1/import_service.pbgrpc.dart';
import 'gen/tallystick/v1/ledger_service.pbgrpc.dart';
import 'gen/tallystick/v1/notification_service.pbgrpc.dart';
import 'gen/tallystick/v1/report_service.pbgrpc.dart';
import 'gen/tallystick/v1/settings_service.pbgrpc.dart';
import 'gen/tallystick/v1/space_service.pbgrpc.dart';
import 'gen/tallystick/v1/status_service.pbgrpc.dart';
import 'gen/tallystick/v1/sync_service.pbgrpc.dart';
import 'gen/tallystick/v1/webhook_service.pbgrpc.dart';
import 'news.dart';
import 'retries.dart';
import 'session.dart';
import 'tokens.dart';
import 'watching.dart';

const _usualTimeout = Duration(seconds: 30);
const _tlsPort = 443;
const _thisMachine = {'localhost', '127.0.0.1', '::1'};

/// A client of the server at an address such as `tallystick.example:443`: by native gRPC, and by grpc-web in a browser. It connects with
/// the first call. A call that fails throws a `TallystickError`.
final class Client {
  /// Without [plaintext] it speaks TLS with whatever is not on this machine: whoever is on the way could act as the user.
  factory Client(
    String address, {
    TokenStore? tokens,
    bool plaintext = false,
    Duration timeout = _usualTimeout,
    Retries retries = const Retries(),
  }) {
    final target = Uri.parse('//$address');
    if (target.host.isEmpty || target.path.isNotEmpty) throw FormatException('not a host and a port', address);
    final channel = GrpcOrGrpcWebClientChannel.toSingleEndpoint(
      host: target.host,
      port: target.hasPort ? target.port : _tlsPort,
      transportSecure: !plaintext && !_thisMachine.contains(target.host),
    );
    return Client.over(channel, tokens: tokens, timeout: timeout, retries: retries);
  }

  /// A client over a channel of the app's own, such as one that trusts another certificate. The client shuts it down.
  factory Client.over(
    ClientChannel channel, {
    TokenStore? tokens,
    Duration timeout = _usualTimeout,
    Retries retries = const Retries(),
  }) {
    final session = Session(tokens ?? MemoryTokens(), AuthServiceClient(channel), retries, timeout);
    return Client._(channel, session, retries, [Calls(session, retries, timeout)]);
  }

  Client._(this._channel, this._session, this._retries, List<ClientInterceptor> calls)
    : auth = AuthServiceClient(_channel, interceptors: calls),
      spaces = SpaceServiceClient(_channel, interceptors: calls),
      ledger = LedgerServiceClient(_channel, interceptors: calls),
      budgets = BudgetServiceClient(_channel, interceptors: calls),
      groups = GroupServiceClient(_channel, interceptors: calls),
      reports = ReportServiceClient(_channel, interceptors: calls),
      settings = SettingsServiceClient(_channel, interceptors: calls),
      files = FileServiceClient(_channel, interceptors: calls),
      notifications = NotificationServiceClient(_channel, interceptors: calls),
      webhooks = WebhookServiceClient(_channel, interceptors: calls),
      exports = ExportServiceClient(_channel, interceptors: calls),
      imports = ImportServiceClient(_channel, interceptors: calls),
      backups = BackupServiceClient(_channel, interceptors: calls),
      sync = SyncServiceClient(_channel, interceptors: calls),
      status = StatusServiceClient(_channel, interceptors: calls);

  final ClientChannel _channel;
  final Session _session;
  final Retries _retries;

  /// Signing up, signing in, and what belongs to the user alone.
  final AuthServiceClient auth;

  /// Who shares a space, and how others come to share it.
  final SpaceServiceClient spaces;

  /// Books and the money in them.
  final LedgerServiceClient ledger;

  /// What people mean to spend.
  final BudgetServiceClient budgets;

  /// Groups that share expenses.
  final GroupServiceClient groups;

  /// What the money in a book comes to.
  final ReportServiceClient reports;

  /// What the user wants to see, and how.
  final SettingsServiceClient settings;

  /// Receipts, statements and documents.
  final FileServiceClient files;

  /// What the user should know of.
  final NotificationServiceClient notifications;

  /// Addresses that are told what happens in a space.
  final WebhookServiceClient webhooks;

  /// What is kept, as files.
  final ExportServiceClient exports;

  /// Files of banks and other programs, on their way into a book.
  final ImportServiceClient imports;

  /// Archives of spaces.
  final BackupServiceClient backups;

  /// Copies of spaces. [watch] is made of it.
  final SyncServiceClient sync;

  /// How the server is.
  final StatusServiceClient status;

  /// Begins a session. Its tokens are in the token store when this completes. The device name is what the user's list of devices calls
  /// this one.
  Future<LoginResponse> signIn(String email, String password, {required String deviceName}) =>
      _session.signIn(email, password, deviceName);

  /// Ends the session, and forgets its tokens. When the server cannot be told, it fails and forgets nothing.
  Future<void> signOut() => _session.signOut();

  /// Who is signed in.
  Future<Tokens> get tokens => _session.current();

  /// Tells what happens in the user's spaces, as it happens, for as long as it is listened to. For each space that is followed the changes
  /// come in order and without gaps, whatever becomes of the stream: it begins anew after every interruption, where it was.
  ///
  /// [cursors] are the spaces to follow, by their ids: where the copy of each is, or '' for all that is in it, and then what happens. With
  /// [followAdded] it also follows spaces that the user comes into, and those that are not among the cursors, from their beginnings.
  ///
  /// An error is the last that comes: the server refuses, and would refuse again. [limits] say when a stream is replaced by another.
  Stream<News> watch({
    Map<String, String> cursors = const {},
    bool followAdded = false,
    StreamLimits limits = const StreamLimits(),
  }) => Watching(sync, _retries, limits, cursors: cursors, followAdded: followAdded).news;

  /// Ends the connection, and with it the calls that are under way.
  Future<void> close() => _channel.terminate();
}
