"""What does somebody see when everything runs? The addresses, and first calls to paste."""

from tallystick.config import Config


def compose_welcome(config: Config) -> str:
    host, port = config.http_listen
    scheme = "https" if config.tls_certificate else "http"
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    plaintext = "" if config.tls_certificate else " -plaintext"
    metrics_host, metrics_port = config.metrics_listen
    metrics = f"http://{metrics_host}:{metrics_port}/metrics" if metrics_port else "off"
    has_page = config.site is not None and config.site.is_dir()
    page = f"  a page to try it          {scheme}://{address}/\n" if has_page else ""
    has_docs = config.docs is not None and config.docs.is_dir()
    page += f"  documentation             {scheme}://{address}/docs/\n" if has_docs else ""
    return f"""
Tallystick is up.

{page}  gRPC, grpc-web and REST   {scheme}://{address}
  metrics                   {metrics}
  data                      {config.data_dir}

A first call, as REST:

  curl -s {scheme}://{address}/v1/health

and as gRPC (https://github.com/fullstorydev/grpcurl):

  grpcurl{plaintext} {address} list

Sign up and sign in:

  curl -s {scheme}://{address}/v1/auth/register -d '{{"requestId": "'$(cat /proc/sys/kernel/random/uuid)'", "email": "ann@example.com",
    "password": "correct horse battery", "displayName": "Ann"}}'
  curl -s {scheme}://{address}/v1/auth/login -d '{{"requestId": "'$(cat /proc/sys/kernel/random/uuid)'", "email": "ann@example.com",
    "password": "correct horse battery"}}'

Ctrl-C stops everything. The data stays.
"""
