/**
 * Which services are there? Each under the name that every SDK has for it. An app names those that it uses, and downloads no others:
 *
 *     import { groups, ledger } from "@tallystick/client/services";
 *     const tallystick = createTallystick({ baseUrl, services: { groups, ledger } });
 */

/** Signing up, signing in, and what belongs to the user alone. Every client has it. */
export { AuthService as auth } from "./gen/tallystick/v1/auth_service_pb.js";
/** Archives of all that a user has, and what is made of them again. */
export { BackupService as backups } from "./gen/tallystick/v1/backup_service_pb.js";
/** What people mean to spend. */
export { BudgetService as budgets } from "./gen/tallystick/v1/budget_service_pb.js";
/** What is kept, as files. `exportFile` reads them. */
export { ExportService as exports } from "./gen/tallystick/v1/export_service_pb.js";
/** Receipts, statements and documents. `uploadFile` and `downloadFile` are made of it. */
export { FileService as files } from "./gen/tallystick/v1/file_service_pb.js";
/** Groups that share expenses. */
export { GroupService as groups } from "./gen/tallystick/v1/group_service_pb.js";
/** Files of banks and other programs, on their way into a book. */
export { ImportService as imports } from "./gen/tallystick/v1/import_service_pb.js";
/** Books and the money in them. */
export { LedgerService as ledger } from "./gen/tallystick/v1/ledger_service_pb.js";
/** What the user should know of. */
export { NotificationService as notifications } from "./gen/tallystick/v1/notification_service_pb.js";
/** What the money in a book comes to. */
export { ReportService as reports } from "./gen/tallystick/v1/report_service_pb.js";
/** What the user wants to see, and how. */
export { SettingsService as settings } from "./gen/tallystick/v1/settings_service_pb.js";
/** Who shares a space, and how others come to share it. */
export { SpaceService as spaces } from "./gen/tallystick/v1/space_service_pb.js";
/** How the server is. */
export { StatusService as status } from "./gen/tallystick/v1/status_service_pb.js";
/** Copies of spaces on devices. `OfflineBook` uses it. */
export { SyncService as sync } from "./gen/tallystick/v1/sync_service_pb.js";
/** Addresses that are told what happens in a space. */
export { WebhookService as webhooks } from "./gen/tallystick/v1/webhook_service_pb.js";
