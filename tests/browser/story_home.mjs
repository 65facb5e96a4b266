// A device with a copy of its user's home does one of everything there without a network. What it shows then must be what the server makes of it.

import { c, differing, newId, Person, picture } from "./device.mjs";

const ann = await new Person().signUp();
// Sign-ins on new devices are what she is told of.
for (let count = 0; count < 3; count++) {
  await ann.signInElsewhere();
}
const home = await ann.device(ann.user.homeId);
const other = await ann.device(ann.user.homeId);
let told = [];
while (told.length < 3) {
  await home.pull(ann.tallystick);
  told = await home.list(c.NotificationSchema);
}
const [first, second, third] = told.map(({ id }) => id);
const { BUDGET_REACHED, MEMBERS } = c.NotificationKind;
const steps = [
  [c.UpdateSettingsRequestSchema, { theme: c.Theme.DARK, locale: "fr", firstDayOfMonth: 28 }],
  [c.PutClientValueRequestSchema, { key: "a", value: new Uint8Array([1, 2]) }],
  [c.MarkReadRequestSchema, { notificationIds: [first.toUpperCase()] }],
  [c.MarkReadRequestSchema, { notificationIds: [first] }],
  [c.DeleteNotificationRequestSchema, { notificationId: second }],
  [c.MarkAllReadRequestSchema, { until: { case: "notificationId", value: second } }],
  [c.MarkAllReadRequestSchema, { until: { case: "notificationId", value: third } }],
  [c.MarkAllReadRequestSchema, {}],
  [
    c.UpdateNotificationPreferencesRequestSchema,
    { digest: c.DigestFrequency.WEEKLY, kinds: [{ kind: MEMBERS, email: true }, { kind: BUDGET_REACHED, inApp: true }] },
  ],
  [c.UpdateNotificationPreferencesRequestSchema, { kinds: [{ kind: MEMBERS }], updateMask: { paths: ["kinds", "digest_hour"] } }],
  // What the server refuses shows no effect.
  [c.MarkReadRequestSchema, { notificationIds: [newId()] }],
  [c.UpdateNotificationPreferencesRequestSchema, { kinds: [{ kind: MEMBERS }, { kind: MEMBERS }] }],
];
for (const [schema, init] of steps) {
  await home.do(schema, init);
}
const before = await picture(home);
await home.sync(ann.tallystick);
const after = await picture(home);
await other.pull(ann.tallystick);
console.log(
  JSON.stringify({
    count: Object.keys(after).length,
    beforeAndAfter: differing(before, after),
    devices: differing(after, await picture(other)),
    tray: (await home.tray()).map(({ mutation, rejection }) => [mutation.command.case, rejection?.reason]),
    verdict: await home.verify(ann.tallystick),
  }),
);
