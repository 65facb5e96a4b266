/** What is an entity called, and how are its bytes read? Those of a kind that this version does not know are kept until it does. */

import {
  clone,
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
  toBinary,
  type UnknownField,
} from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

import { type Entity, EntitySchema } from "../gen/tallystick/v1/sync_pb.js";

/** The message of each kind, by the name of its field in `Entity`. */
export type Kinds = { [E in Exclude<Entity["kind"], { case: undefined }> as E["case"]]: E["value"] };
export type Kind = keyof Kinds;

const ID_FIELD = 1;
const UNKNOWN = "#";

/** The kind of entity that a schema is of. */
export function kindOf(schema: DescMessage): Kind {
  const field = EntitySchema.fields.find((each) => each.message?.typeName === schema.typeName);
  if (field === undefined) {
    throw new TypeError(`${schema.typeName} is no entity`);
  }
  return field.localName as Kind;
}

export function schemaOf(kind: Kind): DescMessage {
  return EntitySchema.field[kind].message as DescMessage;
}

/** As the contract writes it: `payment_method`. Undefined for one that this version does not know. */
export function wireNameOf(kind: string): string | undefined {
  return (EntitySchema.field as Record<string, { name: string } | undefined>)[kind]?.name;
}

export function isUnknown(kind: string): boolean {
  return kind.startsWith(UNKNOWN);
}

/** What an entity is called within its space. */
export interface Name {
  readonly kind: string;
  readonly id: string;
}

/** Undefined: there is nothing in it that could be named. */
export function nameOf(entity: Entity): Name | undefined {
  const { kind, $unknown } = entity;
  if (kind.case !== undefined) {
    return { kind: kind.case, id: kind.value.id };
  }
  const field = $unknown?.find((each) => each.wireType === WireType.LengthDelimited);
  return field && { kind: `${UNKNOWN}${field.no}`, id: idIn(field) };
}

/** Every entity has its id in the same place. */
function idIn(field: UnknownField): string {
  const reader = new BinaryReader(new BinaryReader(field.data).bytes());
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    if (no === ID_FIELD && wireType === WireType.LengthDelimited) {
      return reader.string();
    }
    reader.skip(wireType, no);
  }
  return "";
}

export function encode(entity: Entity): Uint8Array {
  return toBinary(EntitySchema, entity);
}

/** The entity itself, out of the bytes of an `Entity`. */
export function decode<K extends Kind>(body: Uint8Array): Kinds[K] {
  return fromBinary(EntitySchema, body).kind.value as Kinds[K];
}

export function wrap(kind: Kind, value: Message): Entity {
  return create(EntitySchema, { kind: { case: kind, value } as Entity["kind"] });
}

export function copyOf<M extends Message>(schema: DescMessage, message: M): M {
  return clone(schema, message as MessageShape<DescMessage>) as unknown as M;
}
