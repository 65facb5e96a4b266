import 'dart:async';

import 'package:fixnum/fixnum.dart' show Int64;
import 'package:tallystick/tallystick.dart';
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart';

import 'scripted.dart';

Matcher fails({int? code, String? reason}) => throwsA(
  isA<TallystickError>()
      .having((failed) => failed.code, 'code', code ?? anything)
      .having((failed) => failed.reason, 'reason', reason ?? anything),
);

void main() {
  test('what nobody answered is sent again, the very same', () async {
    final arrived = <v1.CreateBookRequest>[];
    final ledger = Scripted('LedgerService')
      ..answer('CreateBook', v1.CreateBookRequest.fromBuffer, (call, request) {
        arrived.add(request);
        if (arrived.length < 3) throw failure(StatusCode.unavailable, 'UNAVAILABLE');
        return v1.CreateBookResponse(book: v1.Book(id: 'book'));
      });
    final client = await serve([ledger]);
    final request = v1.CreateBookRequest(requestId: newId(), name: 'Home', baseCurrency: 'EUR');
    final asked = client.ledger.createBook(request);
    // No longer part of the call.
    request.name = 'Away';
    expect((await asked).book.id, 'book');
    expect(arrived, hasLength(3));
    expect(arrived.toSet(), hasLength(1));
    expect(arrived.first.name, 'Home');
  });

  test('the server says when', () async {
    var calls = 0;
    final ledger = Scripted('LedgerService')
      ..answer('CreateBook', v1.CreateBookRequest.fromBuffer, (call, request) {
        if (++calls == 1) {
          throw failure(StatusCode.resourceExhausted, 'RATE_LIMITED', retryAfter: const Duration(milliseconds: 5));
        }
        return v1.CreateBookResponse();
      });
    final client = await serve([ledger]);
    await client.ledger.createBook(v1.CreateBookRequest());
    expect(calls, 2);
  });

  test('a refusal says why, and is not repeated', () async {
    var calls = 0;
    final ledger = Scripted('LedgerService')
      ..answer<v1.CreateBookRequest, v1.CreateBookResponse>('CreateBook', v1.CreateBookRequest.fromBuffer, (call, request) {
        calls++;
        throw failure(StatusCode.invalidArgument, 'INVALID_FIELD', fields: ['name', 'base_currency']);
      });
    final client = await serve([ledger]);
    try {
      await client.ledger.createBook(v1.CreateBookRequest());
      fail('it is refused');
    } on TallystickError catch (failed) {
      expect(failed.code, StatusCode.invalidArgument);
      expect(failed.reason, 'INVALID_FIELD');
      expect(failed.violations.map((each) => each.field), ['name', 'base_currency']);
      expect(failed.violations.first.rule, 'string.uuid');
      expect(failed.mayRepeat, isFalse);
    }
    expect(calls, 1);
  });

  test('a call ends in time', () async {
    final never = Completer<v1.CreateBookResponse>();
    addTearDown(() => never.complete(v1.CreateBookResponse()));
    final ledger = Scripted('LedgerService')
      ..answer('CreateBook', v1.CreateBookRequest.fromBuffer, (call, request) => never.future);
    final client = await serve([ledger], timeout: const Duration(milliseconds: 300));
    await expectLater(client.ledger.createBook(v1.CreateBookRequest()), fails(code: StatusCode.deadlineExceeded));
  });

  test('where nobody is, nobody answers', () async {
    // The port of this machine that nothing may listen on.
    final client = Client('127.0.0.1:1', retries: hasty, timeout: const Duration(seconds: 5));
    addTearDown(client.close);
    await expectLater(client.status.getHealth(v1.GetHealthRequest()), fails(code: StatusCode.unavailable));
  });

  test('lists come page by page', () async {
    final asked = <String>[];
    final ledger = Scripted('LedgerService')
      ..answer('ListAccounts', v1.ListAccountsRequest.fromBuffer, (call, request) {
        asked.add(request.pageToken);
        return v1.ListAccountsResponse(
          accounts: [v1.Account(name: 'after "${request.pageToken}"')],
          nextPageToken: asked.length < 3 ? '${asked.length}' : '',
        );
      });
    final client = await serve([ledger]);
    final request = v1.ListAccountsRequest(bookId: 'book');
    final accounts = await each(client.ledger.listAccounts, request, (page) => page.accounts).toList();
    expect(accounts.map((account) => account.name), ['after ""', 'after "1"', 'after "2"']);
    expect(asked, ['', '1', '2']);
    expect(request.pageToken, '');
  });

  test('streams are refused with a reason too', () async {
    final sync = Scripted('SyncService')
      ..stream<v1.PullRequest, v1.PullResponse>('Pull', v1.PullRequest.fromBuffer, (call, request) async* {
        yield v1.PullResponse(cursor: 'one', head: Int64(1));
        throw failure(StatusCode.notFound, 'NOT_FOUND');
      });
    final client = await serve([sync]);
    final heard = <String>[];
    Future<void> listen() async {
      await for (final page in client.sync.pull(v1.PullRequest(spaceId: 'space'))) {
        heard.add(page.cursor);
      }
    }

    await expectLater(listen(), fails(reason: 'NOT_FOUND'));
    expect(heard, ['one']);
  });
}
