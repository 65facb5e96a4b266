/**
 * How are the fields of any command or entity read and written by their names? On the wire, where each has its number: messages of
 * protobuf-lite say no more of themselves.
 */
package tallystick.client.offline

import com.google.protobuf.ByteString
import com.google.protobuf.CodedOutputStream
import com.google.protobuf.MessageLite
import com.google.protobuf.WireFormat
import java.util.concurrent.ConcurrentHashMap

private val known = ConcurrentHashMap<Class<*>, Map<String, Int>>()

/** The fields of the kind of message, each with its number. */
internal fun fieldsOf(message: MessageLite): Map<String, Int> =
    known.getOrPut(message.javaClass) {
        val told = requireNotNull(FIELDS[message.javaClass]) { "the fields of ${message.javaClass.simpleName} are not written down" }
        told.split(" ").associate { it.substringBefore(':') to it.substringAfter(':').toInt() }
    }

/** Those that are set; of most kinds, those that are not empty. */
internal fun setIn(message: MessageLite): Set<String> {
    val numbers = read(message).mapTo(HashSet()) { it.number }
    return fieldsOf(message).filterValues { it in numbers }.keys
}

/** A field with text. Null: there is no such field. */
internal fun textIn(message: MessageLite, name: String): String? {
    val number = fieldsOf(message)[name] ?: return null
    val told = read(message).lastOrNull { it.number == number } ?: return ""
    return told.content.newCodedInput().readStringRequireUtf8()
}

/** The same with another text in a field. */
internal fun <M : MessageLite> withText(message: M, name: String, text: String): M =
    withBytes(message, name, ByteString.copyFromUtf8(text))

/** The same with another message in a field. */
internal fun <M : MessageLite> withMessage(message: M, name: String, value: MessageLite): M = withBytes(message, name, value.toByteString())

private fun <M : MessageLite> withBytes(message: M, name: String, bytes: ByteString): M {
    val number = fieldsOf(message).getValue(name)
    return write(message) { out ->
        read(message).filter { it.number != number }.forEach { it.write(out, it.number) }
        out.writeBytes(number, bytes)
    }
}

/** `before` with the named fields as `values`, which may be another kind of message, has them. */
internal fun <M : MessageLite> overlay(before: M, values: MessageLite, names: Collection<String>): M {
    val (own, theirs) = fieldsOf(before) to fieldsOf(values)
    val numbers = names.associate { theirs.getValue(it) to own.getValue(it) }
    val replaced = numbers.values.toSet()
    return write(before) { out ->
        read(before).filter { it.number !in replaced }.forEach { it.write(out, it.number) }
        for (field in read(values)) numbers[field.number]?.let { field.write(out, it) }
    }
}

/** A field as it lies on the wire. One with several values is there several times. */
private class Field(val number: Int, val wireType: Int, val content: ByteString) {
    fun write(out: CodedOutputStream, number: Int) {
        out.writeTag(number, wireType)
        out.writeRawBytes(content)
    }
}

private fun read(message: MessageLite): List<Field> {
    val bytes = message.toByteString()
    val input = bytes.newCodedInput()
    val fields = mutableListOf<Field>()
    while (true) {
        val tag = input.readTag()
        if (tag == 0) return fields
        val start = input.totalBytesRead
        input.skipField(tag)
        val content = bytes.substring(start, input.totalBytesRead)
        fields += Field(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag), content)
    }
}

@Suppress("UNCHECKED_CAST")
private fun <M : MessageLite> write(like: M, write: (CodedOutputStream) -> Unit): M {
    val bytes = ByteString.newOutput()
    val out = CodedOutputStream.newInstance(bytes)
    write(out)
    out.flush()
    return like.parserForType.parseFrom(bytes.toByteString()) as M
}
