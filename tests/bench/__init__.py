"""How fast is the server, next to what nothing could beat on the same machine? `make bench` runs this; docs/benchmarks.md explains it."""

import os

# We start processes while channels are open, which gRPC would otherwise remark on at every start. Before grpc is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
