// Why are there no files here? A browser has none.

import 'tokens.dart';

/// Files are for programs that have them: in a browser, implement [TokenStore] over what the app keeps things in.
final class FileTokens implements TokenStore {
  FileTokens(this.path) {
    throw UnsupportedError('a browser has no files');
  }

  final String path;

  @override
  Future<Tokens> load() => throw UnsupportedError('a browser has no files');

  @override
  Future<void> save(Tokens tokens) => throw UnsupportedError('a browser has no files');

  @override
  Future<T> turn<T>(Future<T> Function() work) => throw UnsupportedError('a browser has no files');
}
