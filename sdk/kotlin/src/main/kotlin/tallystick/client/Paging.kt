/** How is a list read that comes in pages? Page after page, each fetched when the one before it was read. */
package tallystick.client

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * The answers to a listing call, until there are no more:
 * `pages(ListAccountsResponse::getNextPageToken) { ledger.listAccounts(request.setPageToken(it).build()) }`.
 */
public fun <Answer> pages(next: (Answer) -> String, list: suspend (pageToken: String) -> Answer): Flow<Answer> = flow {
    var pageToken = ""
    do {
        val answer = list(pageToken)
        emit(answer)
        pageToken = next(answer)
    } while (pageToken.isNotEmpty())
}

/** The items of a listing call, one after the other. */
public fun <Answer, Item> each(
    items: (Answer) -> List<Item>,
    next: (Answer) -> String,
    list: suspend (pageToken: String) -> Answer,
): Flow<Item> = flow {
    pages(next, list).collect { answer -> for (item in items(answer)) emit(item) }
}
