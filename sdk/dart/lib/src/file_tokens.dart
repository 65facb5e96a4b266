// How do tokens lie in a file? As JSON, written anew beside it each time.

import 'dart:convert';
import 'dart:io';

import 'ids.dart';
import 'tokens.dart';

const _poll = Duration(milliseconds: 20);
const _patience = Duration(seconds: 60);

/// By the path of the lock: whoever closes a file lets go of all the locks that the process has on it.
final _turns = <String, Turns>{};

/// Keeps tokens in a file. Dart programs on one machine may share it, but not two isolates of one program.
///
/// On Linux and macOS only the file's owner reads it. Elsewhere Dart has no say in that: put it where only the app reads.
final class FileTokens implements TokenStore {
  FileTokens(this.path);

  final String path;

  @override
  Future<Tokens> load() async {
    final file = File(path);
    if (!await file.exists()) return const Tokens();
    final saved = jsonDecode(await file.readAsString());
    if (saved is! Map<String, Object?>) throw FormatException('no tokens are in $path');
    return Tokens.fromJson(saved);
  }

  /// Writes beside the file, and then in its place: a crash leaves the old tokens or the new ones.
  @override
  Future<void> save(Tokens tokens) async {
    final beside = File('$path.${newId()}');
    try {
      await beside.create();
      await _closeToOthers(beside);
      await beside.writeAsString(jsonEncode(tokens.toJson()), flush: true);
      await beside.rename(path);
    } on Object {
      if (await beside.exists()) await beside.delete();
      rethrow;
    }
  }

  /// Holds a lock on a file beside. The file stays: who removed it would take the lock away from whoever waits for it. The system
  /// releases the lock whatever becomes of its holder.
  @override
  Future<T> turn<T>(Future<T> Function() work) {
    final lock = File('$path.lock');
    return _turns.putIfAbsent(lock.absolute.path, Turns.new).take(() async {
      final opened = await lock.open(mode: FileMode.append);
      try {
        await _acquire(opened);
        return await work();
      } finally {
        // And with it goes the lock.
        await opened.close();
      }
    });
  }

  Future<void> _acquire(RandomAccessFile opened) async {
    final clock = Stopwatch()..start();
    while (true) {
      try {
        // Not the mode that waits: it would keep one of the few threads that all files of the program are read with.
        await opened.lock(FileLock.exclusive);
        return;
      } on FileSystemException {
        if (clock.elapsed > _patience) rethrow;
      }
      await Future<void>.delayed(_poll);
    }
  }

  Future<void> _closeToOthers(File file) async {
    if (!Platform.isLinux && !Platform.isMacOS) return;
    final changed = await Process.run('chmod', ['600', file.path]);
    if (changed.exitCode != 0) throw FileSystemException('cannot be kept from others: ${changed.stderr}', file.path);
  }
}
