/// Tallystick: a client that stays signed in and repeats what may be repeated, exact money, lists and news as streams.
///
/// The messages are in `package:tallystick/v1.dart`.
library;

export 'package:grpc/grpc_or_grpcweb.dart' show CallOptions, StatusCode;

export 'src/client.dart' show Client;
export 'src/errors.dart' show TallystickError, Violation;
export 'src/file_tokens_web.dart' if (dart.library.io) 'src/file_tokens.dart' show FileTokens;
export 'src/ids.dart' show newId;
export 'src/money.dart' show addMoney, allocate, exponentOf, parseMoney, toDecimal;
export 'src/news.dart';
export 'src/paging.dart' show each, pages;
export 'src/retries.dart' show Retries;
export 'src/splitting.dart' show allocateShares, refundShares;
export 'src/tokens.dart' show MemoryTokens, TokenStore, Tokens;
