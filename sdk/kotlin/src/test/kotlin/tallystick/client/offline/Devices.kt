/**
 * How do devices of another program live in this process? It says line by line what they do, each line a JSON object, and reads what came
 * of it. Messages travel as base64.
 *
 * A test runs it: devices of Kotlin among those of Python, on one server.
 */
package tallystick.client.offline

import com.google.gson.Gson
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.protobuf.ByteString
import com.google.protobuf.MessageLite
import java.io.File
import java.util.Base64
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import tallystick.client.Client
import tallystick.client.MemoryTokens
import tallystick.client.Retries
import tallystick.client.TallystickException
import tallystick.client.Tokens
import tallystick.v1.Mutation

private val TIMEOUT = 20.seconds

// The patience of a device that is on the move: what does not arrive is tried again at its next turn.
private val PATIENCE = Retries(tries = 4, firstWait = 20.milliseconds, longestWait = 200.milliseconds)

fun main() = runBlocking {
    val devices = ConcurrentHashMap<String, OpenDevice>()
    for (line in generateSequence(::readLine)) {
        val asked = JsonParser.parseString(line).asJsonObject
        launch(Dispatchers.Default) { tell(asked.get("number"), answer(devices, asked)) }
    }
    devices.values.forEach { it.close() }
}

@Synchronized
private fun tell(number: JsonElement, answer: Map<String, Any?>) = println(Gson().toJson(mapOf("number" to number) + answer))

private suspend fun answer(devices: MutableMap<String, OpenDevice>, asked: JsonObject): Map<String, Any?> =
    try {
        val path = asked.text("device")
        mapOf(
            "answer" to when (asked.text("do")) {
                "open" -> devices.put(path, OpenDevice.open(path, asked)).let { null }
                "close" -> devices.remove(path)?.close().let { null }
                else -> devices.getValue(path).act(asked)
            }
        )
    } catch (failed: TallystickException) {
        mapOf("failed" to failed.toString(), "reason" to failed.reason, "code" to failed.code.name)
    } catch (failed: Throwable) {
        mapOf("failed" to failed.stackTraceToString())
    }

private fun JsonObject.text(name: String): String = get(name).asString

private class OpenDevice(private val storage: Storage, private val book: OfflineBook, private val client: Client) : AutoCloseable {
    suspend fun act(asked: JsonObject): Any? =
        when (asked.text("do")) {
            "submit" -> book.submit(checkNotNull(commandIn(Mutation.parseFrom(decoded(asked.text("mutation")))))).requestId
            "list" -> encoded(book.list(Kinds.byName.getValue(asked.text("kind"))))
            "balances" -> book.balances().associate { it.account.id to it.balance.minor }
            "push" -> book.push(client)
            "pull" -> book.pull(client).let { null }
            "sync" -> book.sync(client).let { null }
            "verify" -> book.verify(client).name
            "retry" -> book.retry(asked.text("request_id")).let { null }
            "discard" -> book.discard(asked.text("request_id"), withBlocked = false).let { null }
            "forget_replaced" -> book.forgetReplaced(asked.get("position").asLong).let { null }
            "put_back" -> book.drafts().onEach { book.putBack(it.position) }.size
            else -> error("nobody knows how to $asked")
        }

    override fun close() {
        storage.close()
        client.close()
    }

    companion object {
        suspend fun open(path: String, asked: JsonObject): OpenDevice {
            val client = Client(asked.text("address"), MemoryTokens(Tokens(asked.text("token"))), timeout = TIMEOUT, retries = PATIENCE)
            val storage = SqliteStorage.open(File(path))
            return OpenDevice(storage, OfflineBook.open(storage, asked.text("space_id"), asked.text("user_id")), client)
        }
    }
}

private fun encoded(messages: List<MessageLite>): List<String> =
    messages.map { Base64.getEncoder().encodeToString(it.toByteArray()) }

private fun decoded(text: String): ByteString = ByteString.copyFrom(Base64.getDecoder().decode(text))
