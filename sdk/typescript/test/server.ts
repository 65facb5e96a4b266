/** A server inside this process that answers as a test wants, through the SDK's own way of calling. */

import { type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type HandlerContext } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { LedgerService } from "../src/gen/tallystick/v1/ledger_service_pb.js";
import { createTallystick, type TallystickOptions } from "../src/index.js";
import { ledger } from "../src/services.js";

type Details = {
  info?: MessageInitShape<typeof ErrorInfoSchema>;
  bad?: MessageInitShape<typeof BadRequestSchema>;
  retry?: MessageInitShape<typeof RetryInfoSchema>;
};

/** A Tallystick whose every GetTransaction runs `answer`. */
export function answering(answer: (context: HandlerContext) => void, options: Omit<TallystickOptions, "baseUrl" | "transport" | "services"> = {}) {
  const transport = createRouterTransport(({ service }) => {
    service(LedgerService, {
      getTransaction: (_, context) => {
        answer(context);
        return {};
      },
    });
  });
  return createTallystick({ ...options, transport, services: { ledger } });
}

export function failure(code: Code, { info, bad, retry }: Details): ConnectError {
  return new ConnectError("no", code, undefined, [
    ...(info ? [{ desc: ErrorInfoSchema, value: info }] : []),
    ...(bad ? [{ desc: BadRequestSchema, value: bad }] : []),
    ...(retry ? [{ desc: RetryInfoSchema, value: retry }] : []),
  ]);
}
