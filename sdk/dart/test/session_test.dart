import 'dart:async';
import 'dart:io';

import 'package:tallystick/tallystick.dart';
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart';

import 'scripted.dart';

final _later = DateTime.now().add(const Duration(hours: 1));
final _longAgo = DateTime.utc(2001);

/// Knows one token at a time: whoever refreshes gets the next.
final class Identity {
  Identity({DateTime? until}) : _until = until ?? _later {
    auth
      ..answer('Login', v1.LoginRequest.fromBuffer, (call, request) {
        return v1.LoginResponse(user: v1.User(id: 'ann'), tokens: tokensNamed('$number', until: _until), deviceToken: 'device');
      })
      ..answer('RefreshSession', v1.RefreshSessionRequest.fromBuffer, (call, request) {
        refreshed.add(request);
        if (loseAnswers > 0) {
          loseAnswers--;
          throw failure(StatusCode.unavailable, 'UNAVAILABLE');
        }
        if (isOver) throw failure(StatusCode.unauthenticated, 'SESSION_ENDED');
        number++;
        return v1.RefreshSessionResponse(tokens: tokensNamed('$number', until: _until));
      })
      ..answer('Logout', v1.LogoutRequest.fromBuffer, (call, request) => v1.LogoutResponse())
      ..answer('GetMe', v1.GetMeRequest.fromBuffer, (call, request) {
        if (tokenOf(call) != 'access-$number') throw failure(StatusCode.unauthenticated, 'INVALID_TOKEN');
        return v1.GetMeResponse(user: v1.User(id: 'ann'));
      });
  }

  final auth = Scripted('AuthService');
  final DateTime _until;
  final refreshed = <v1.RefreshSessionRequest>[];
  int number = 1;
  int loseAnswers = 0;
  bool isOver = false;
}

Future<void> signIn(Client client) => client.signIn('ann@example.com', 'correct horse battery', deviceName: 'test');

void main() {
  test('who signs in is known by every call', () async {
    final identity = Identity();
    final client = await serve([identity.auth]);
    await signIn(client);
    expect((await client.auth.getMe(v1.GetMeRequest())).user.id, 'ann');
    expect((await client.tokens).deviceToken, 'device');
    expect('${await client.tokens}', isNot(contains('access-1')));
  });

  test('many calls renew a token once', () async {
    final identity = Identity();
    final client = await serve([identity.auth]);
    await signIn(client);
    // The server takes the first no more.
    identity.number = 2;
    final answers = await Future.wait([for (var i = 0; i < 10; i++) client.auth.getMe(v1.GetMeRequest())]);
    expect(answers, hasLength(10));
    expect(identity.refreshed, hasLength(1));
    expect(identity.refreshed.single.refreshToken, 'refresh-1');
    expect((await client.tokens).accessToken, 'access-3');
  });

  test('an exchange that nobody answered is asked for again with the same id', () async {
    final identity = Identity();
    final client = await serve([identity.auth]);
    await signIn(client);
    identity
      ..number = 2
      ..loseAnswers = 2;
    await client.auth.getMe(v1.GetMeRequest());
    expect(identity.refreshed, hasLength(3));
    expect(identity.refreshed.toSet(), hasLength(1));
  });

  test('by a clock that is far ahead only the word of the server counts', () async {
    final identity = Identity(until: _longAgo);
    final client = await serve([identity.auth]);
    await signIn(client);
    await client.auth.getMe(v1.GetMeRequest());
    await client.auth.getMe(v1.GetMeRequest());
    expect(identity.refreshed, isEmpty);
  });

  test('a token that was kept too long is renewed before it is used', () async {
    final identity = Identity();
    final tokens = MemoryTokens(const Tokens(accessToken: 'access-0', accessExpiresAt: 1, refreshToken: 'refresh-0'));
    final client = await serve([identity.auth], tokens: tokens);
    await client.auth.getMe(v1.GetMeRequest());
    expect(identity.refreshed, hasLength(1));
    expect((await tokens.load()).accessToken, 'access-2');
  });

  test('a session that has ended is forgotten, but not the device', () async {
    final identity = Identity();
    final client = await serve([identity.auth]);
    await signIn(client);
    identity
      ..number = 2
      ..isOver = true;
    final refused = throwsA(isA<TallystickError>().having((failed) => failed.reason, 'reason', 'SESSION_ENDED'));
    await expectLater(client.auth.getMe(v1.GetMeRequest()), refused);
    expect((await client.tokens).accessToken, '');
    expect((await client.tokens).deviceToken, 'device');
  });

  test('who signs out is nobody', () async {
    final client = await serve([Identity().auth]);
    await signIn(client);
    await client.signOut();
    expect((await client.tokens).refreshToken, '');
  });

  test('files keep tokens, and one at a time changes them', () async {
    final place = await Directory.systemTemp.createTemp('tallystick');
    addTearDown(() => place.delete(recursive: true));
    final first = FileTokens('${place.path}/tokens');
    final second = FileTokens('${place.path}/tokens');
    expect((await first.load()).accessToken, '');
    await first.save(const Tokens(accessToken: 'one', accessExpiresAt: 5));
    expect((await second.load()).accessToken, 'one');
    expect((await second.load()).accessExpiresAt, 5);
    if (!Platform.isWindows) expect((await File(first.path).stat()).mode & 0x3f, 0);

    final told = <String>[];
    final mayEnd = Completer<void>();
    final isIn = Completer<void>();
    final one = first.turn(() async {
      isIn.complete();
      await mayEnd.future;
      told.add('one');
    });
    await isIn.future;
    final two = second.turn(() async => told.add('two'));
    mayEnd.complete();
    await Future.wait([one, two]);
    expect(told, ['one', 'two']);
  });
}
