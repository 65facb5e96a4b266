/** What is an entity called, and how are its bytes read? Those of a kind that this version does not know are kept until it does. */
package tallystick.client.offline

import com.google.protobuf.CodedInputStream
import com.google.protobuf.MessageLite
import com.google.protobuf.WireFormat
import tallystick.v1.Entity

private const val ID_FIELD = 1
private const val UNKNOWN = "#"

/** What an entity is called within its space. */
internal data class Name(val kind: String, val id: String)

/** The name under which entities are kept whose kind is a field with that number, which this version does not know. */
internal fun unknownKind(number: Int): String = "$UNKNOWN$number"

internal fun isUnknown(kind: String): Boolean = kind.startsWith(UNKNOWN)

/** Null: there is nothing in it that could be named. */
internal fun nameOf(entity: Entity): Name? {
    val kind = Kinds.byCase[entity.kindCase] ?: return nameOfUnknown(entity)
    return Name(kind.name, idOf(kind, entity))
}

private fun <M : MessageLite> idOf(kind: Kind<M>, entity: Entity): String = kind.idOf(kind.of(entity))

private fun nameOfUnknown(entity: Entity): Name? {
    val (number, message) = firstMessage(entity.toByteString().newCodedInput()) ?: return null
    return Name(unknownKind(number), idIn(message))
}

private fun firstMessage(input: CodedInputStream): Pair<Int, CodedInputStream>? {
    while (true) {
        val tag = input.readTag()
        if (tag == 0) return null
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            return WireFormat.getTagFieldNumber(tag) to input.readBytes().newCodedInput()
        }
        input.skipField(tag)
    }
}

/** Every entity has its id in the same place. */
private fun idIn(message: CodedInputStream): String {
    while (true) {
        val tag = message.readTag()
        if (tag == 0) return ""
        val isText = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
        if (isText && WireFormat.getTagFieldNumber(tag) == ID_FIELD) return message.readStringRequireUtf8()
        message.skipField(tag)
    }
}

/** The entity itself, out of the bytes of an `Entity`. */
internal fun <M : MessageLite> Kind<M>.decode(body: ByteArray): M = of(Entity.parseFrom(body))
