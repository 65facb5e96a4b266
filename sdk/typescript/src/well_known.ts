/** Which messages of Google's are used? Said in our notation, because the ones of protobuf-es bring all that it takes to read descriptors. */

import { fileDesc } from "./notation.js";

export const file_google_protobuf_timestamp = /*@__PURE__*/ fileDesc(`
google/protobuf/timestamp
Timestamp seconds:int64 nanos:int32
`);

export const file_google_protobuf_duration = /*@__PURE__*/ fileDesc(`
google/protobuf/duration
Duration seconds:int64 nanos:int32
`);

export const file_google_protobuf_field_mask = /*@__PURE__*/ fileDesc(`
google/protobuf/field_mask
FieldMask paths*
`);

export const file_google_protobuf_any = /*@__PURE__*/ fileDesc(`
google/protobuf/any
Any type_url value:bytes
`);
