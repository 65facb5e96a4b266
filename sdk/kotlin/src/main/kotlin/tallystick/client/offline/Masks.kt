/** Which fields does an update touch? As the server reads masks. */
package tallystick.client.offline

import com.google.protobuf.MessageLite

/** The fields that a mask names. No mask: those of `values` that are not empty. "*": all. */
internal fun touched(paths: List<String>, values: MessageLite, changeable: List<String>): List<String> {
    if (paths.isEmpty()) return setIn(values).let { set -> changeable.filter { it in set } }
    if (paths == listOf("*")) return changeable
    refuseIf(paths.any { it !in changeable }) { "the mask names a field that cannot change" }
    return changeable.filter { it in paths }
}
