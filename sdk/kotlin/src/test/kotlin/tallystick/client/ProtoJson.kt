/** How are vectors read that are in the JSON of the contract? By the setters of builders: protobuf-lite has no JSON of its own. */
package tallystick.client

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.protobuf.ByteString
import com.google.protobuf.FieldMask
import com.google.protobuf.MessageLite
import com.google.protobuf.Timestamp
import java.lang.reflect.Method
import java.time.Instant
import java.util.Base64

/** A message of the same kind as `like`. */
@Suppress("UNCHECKED_CAST")
fun <M : MessageLite> messageIn(json: JsonObject, like: M): M {
    val builder = like.newBuilderForType()
    for ((name, value) in json.entrySet()) {
        val values = if (value.isJsonArray) value.asJsonArray.toList() else listOf(value)
        val write = writerOf(builder, if (value.isJsonArray) "add" else "set", name)
        for (each in values) write.invoke(builder, valueIn(each, write.parameterTypes.single()))
    }
    return builder.build() as M
}

private fun writerOf(builder: MessageLite.Builder, verb: String, name: String): Method {
    val wanted = verb + name.replaceFirstChar(Char::uppercase)
    return builder.javaClass.methods.single { method ->
        val isOf = method.name == wanted && method.parameterCount == 1
        isOf && !MessageLite.Builder::class.java.isAssignableFrom(method.parameterTypes.single())
    }
}

private fun valueIn(json: JsonElement, type: Class<*>): Any =
    when {
        type == String::class.java -> json.asString
        type == Boolean::class.java -> json.asBoolean
        type == Int::class.java -> json.asInt
        type == Long::class.java -> json.asString.toLong()
        type == ByteString::class.java -> ByteString.copyFrom(Base64.getDecoder().decode(json.asString))
        type == Timestamp::class.java -> timestampIn(json.asString)
        type == FieldMask::class.java -> maskIn(json.asString)
        type.isEnum -> type.enumConstants.single { "$it" == json.asString }
        else -> messageIn(json.asJsonObject, type.getMethod("getDefaultInstance").invoke(null) as MessageLite)
    }

private fun timestampIn(text: String): Timestamp =
    Instant.parse(text).let { Timestamp.newBuilder().setSeconds(it.epochSecond).setNanos(it.nano).build() }

private fun maskIn(text: String): FieldMask {
    val paths = text.split(",").filter { it.isNotEmpty() }
    return FieldMask.newBuilder().addAllPaths(paths.map { it.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() } }).build()
}
