/** How does an app read a whole list? Page after page, each fetched when the one before it was read. */

/** Everything in a list: `each((page) => ledger.listTransactions({ bookId, ...page }), (answer) => answer.transactions)`. */
export async function* each<Answer extends { readonly nextPageToken: string }, Item>(
  list: (page: { readonly pageToken: string }) => Promise<Answer>,
  itemsOf: (answer: Answer) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  for (let pageToken = ""; ;) {
    const answer = await list({ pageToken });
    yield* itemsOf(answer);
    pageToken = answer.nextPageToken;
    if (pageToken === "") {
      return;
    }
  }
}
