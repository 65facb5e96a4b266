// How is a list read that comes page by page? As a stream: pages are fetched as they are needed.

import 'package:protobuf/protobuf.dart' show GeneratedMessage, GeneratedMessageGenericExtensions;

/// The answers to a listing call, until there are no more: `pages(client.ledger.listAccounts, request)`. The request stays as it is.
Stream<A> pages<Q extends GeneratedMessage, A extends GeneratedMessage>(Future<A> Function(Q request) call, Q request) async* {
  final asked = request.deepCopy();
  while (true) {
    final page = await call(asked);
    yield page;
    final next = page.getField(_numberOf(page, 'nextPageToken')) as String;
    if (next.isEmpty) return;
    asked.setField(_numberOf(asked, 'pageToken'), next);
  }
}

/// The items of a listing call. `items` says which of an answer's lists is meant:
///
///     each(client.ledger.listAccounts, request, (page) => page.accounts)
Stream<I> each<Q extends GeneratedMessage, A extends GeneratedMessage, I>(
  Future<A> Function(Q request) call,
  Q request,
  Iterable<I> Function(A page) items,
) async* {
  await for (final page in pages(call, request)) {
    for (final item in items(page)) {
      yield item;
    }
  }
}

/// Generated messages have these fields, but nothing in common that names them.
int _numberOf(GeneratedMessage message, String field) =>
    message.getTagNumber(field) ??
    (throw ArgumentError('${message.runtimeType} has no $field. Is the program built with protobuf.omit_field_names?'));
