/** How do books stay up to date by themselves? One stream tells of all, and what waits is sent as soon as the server can be reached. */
package tallystick.client.offline

import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withTimeoutOrNull
import tallystick.client.Client
import tallystick.client.News
import tallystick.client.TallystickException
import tallystick.client.Unauthenticated
import tallystick.client.watch

public enum class WatcherState {
    /** Another process does it, and this one waits for its turn. */
    FOLLOWING,
    CONNECTING,
    LIVE,

    /** The server is away. It is tried again by itself. */
    AWAY,

    /** Nothing is watched: the session has ended, or `run` was cancelled or not called yet. */
    ENDED,
}

// Heartbeats come every 20 s: a stream that is silent for longer is dead, whatever the network says.
private val SILENCE = 45.seconds

/** Keeps books up to date and their outboxes empty, for as long as [run] is not cancelled. */
public class Watcher internal constructor(
    private val client: Client,
    private val storage: Storage,
    private val onAdded: (spaceId: String) -> Unit,
    private val onError: (TallystickException) -> Unit,
    private val silence: Duration,
) {
    /** `onAdded`: there is a space that no book is of. `onError`: what no further try will mend. */
    public constructor(
        client: Client,
        storage: Storage,
        onAdded: (spaceId: String) -> Unit = {},
        onError: (TallystickException) -> Unit = {},
    ) : this(client, storage, onAdded, onError, SILENCE)

    private val books: MutableMap<String, OfflineBook> = ConcurrentHashMap()
    private val waking = Channel<Unit>(Channel.CONFLATED)
    private val now = MutableStateFlow(WatcherState.ENDED)

    public val state: StateFlow<WatcherState> get() = now

    public fun add(book: OfflineBook) {
        books[book.spaceId] = book
        wake()
    }

    public fun remove(book: OfflineBook) {
        books.remove(book.spaceId)
        wake()
    }

    /** Connects anew, at once. For an app that learns that the network is back. */
    public fun wake() {
        waking.trySend(Unit)
    }

    /** Runs until it is cancelled, or the session has ended. Of all who share the storage one works, and the next takes over after it. */
    public suspend fun run() {
        now.value = WatcherState.FOLLOWING
        try {
            storage.alone("watcher") { lead() }
        } finally {
            now.value = WatcherState.ENDED
        }
    }

    private suspend fun lead(): Unit = coroutineScope {
        val unsent = Channel<String>(Channel.UNLIMITED)
        val stopListening = storage.listen { if (it.what == BookNews.OUTBOX) unsent.trySend(it.spaceId) }
        val sending = launch { for (spaceId in unsent) send(spaceId) }
        try {
            watchOn(unsent)
        } finally {
            stopListening()
            sending.cancel()
        }
    }

    /** Until the session has ended. */
    private suspend fun watchOn(unsent: SendChannel<String>) {
        var failed = 0
        while (true) {
            // What was added until now is seen by what begins now.
            waking.tryReceive()
            try {
                unlessWoken { Following(unsent) { failed = 0 }.run() }
            } catch (error: TallystickException) {
                if (error is Unauthenticated) return onError(error)
                failed += 1
                now.value = WatcherState.AWAY
                withTimeoutOrNull(client.retries.waitAfter(failed)) { waking.receive() }
                if (error.reason == INVALID_CURSOR) mend() else if (!isPassing(error)) onError(error)
            }
        }
    }

    private suspend fun unlessWoken(run: suspend () -> Unit): Unit = coroutineScope {
        val running = async { run() }
        select {
            running.onAwait {}
            waking.onReceive { running.cancel() }
        }
    }

    /** A pull knows what to do about a cursor that no stream takes. */
    private suspend fun mend() {
        for (book in books.values) {
            try {
                book.pull(client)
            } catch (error: TallystickException) {
                if (!isPassing(error)) onError(error)
            }
        }
    }

    /** What comes in while it runs goes with the next. What nobody answers is sent when the stream is up again. */
    private suspend fun send(spaceId: String) {
        var failed = 0
        while (true) {
            try {
                books[spaceId]?.push(client)
                return
            } catch (error: TallystickException) {
                if (!isPassing(error)) return onError(error)
                failed += 1
                delay(maxOf(error.retryAfter ?: Duration.ZERO, client.retries.waitAfter(failed)))
                now.first { it == WatcherState.LIVE }
            }
        }
    }

    /** What streams tell, until one is of no more use: it does not know where a pull has taken the copy. */
    private inner class Following(private val unsent: SendChannel<String>, private val onLife: () -> Unit) {
        /** Where the stream takes the copies to be. */
        private val told = ConcurrentHashMap<String, String>()
        private var isFresh = true

        suspend fun run() {
            client.watch(silence, ::begin).first { isOver(it) }
        }

        private suspend fun begin(): Collection<String> {
            now.value = WatcherState.CONNECTING
            isFresh = true
            told.clear()
            for (book in books.values) book.cursor().takeIf { it.isNotEmpty() }?.let { told[book.spaceId] = it }
            return told.values
        }

        private suspend fun isOver(news: News): Boolean {
            when (news) {
                is News.Changed -> return !isFollowed(news)
                is News.Behind -> return isPulled(news.spaceId)
                is News.Reset -> return isPulled(news.spaceId)
                is News.Added -> if (news.spaceId !in books) onAdded(news.spaceId)
                is News.Forgotten -> books.remove(news.spaceId)?.forget()
                is News.Away -> now.value = WatcherState.AWAY
                is News.Live -> return isBegun()
            }
            return false
        }

        private suspend fun isFollowed(news: News.Changed): Boolean {
            val follows = books[news.spaceId]?.follow(told[news.spaceId].orEmpty(), news.cursor, news.changes)
            told[news.spaceId] = news.cursor
            return follows != false || !isPulled(news.spaceId)
        }

        private suspend fun isPulled(spaceId: String): Boolean = books[spaceId]?.pull(client) != null

        /** All that waits is sent, and copies are made of what there are none of. Returns whether there are some now. */
        private suspend fun isBegun(): Boolean {
            onLife()
            val missing = if (isFresh) books.values.filter { it.cursor().isEmpty() } else emptyList()
            for (book in missing) book.pull(client)
            now.value = WatcherState.LIVE
            if (isFresh) for (spaceId in books.keys) unsent.trySend(spaceId)
            isFresh = false
            return missing.any { it.cursor().isNotEmpty() }
        }
    }
}
