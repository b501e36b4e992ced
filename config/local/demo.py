"""`make demo`: the whole product on one machine, from an empty folder to a page that answers."""

import http.client
import os
import signal
import socket
import sys
import time
from pathlib import Path

from config.local import environment, welcome
from config.local.machine import CannotRunHere, processes_marked
from config.local.one_at_a_time import only_one
from config.local.postgres import LocalPostgres
from config.local.supervisor import Process, Server, Supervisor
from config.local.valkey import LocalBroker

PYTHON = sys.executable
QUEUES = "tick,delivery,report,jobs"
FIRST_MAIL_PORT = 8025

# Carried by every process of a demo, so that the next start finds what a killed one left.
MARK = "CRM_DEMO"


def page_answers(port: int) -> bool:
    """Whether the web server says that it lives."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(port: int) -> bool:
    """Whether some program takes connections on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def end_what_was_left(data: Path) -> None:
    """End the processes of an earlier demo of this folder that was killed."""
    deadline = time.monotonic() + 5
    while left := list(processes_marked(MARK, str(data))):
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue
        if time.monotonic() > deadline:
            raise CannotRunHere(f"Processes of an earlier demo do not end: {left}.")
        time.sleep(0.05)


def plan(data: Path, port: int) -> Supervisor:
    """All processes and their environment. A server whose address is given is not started here."""
    file = data / "environment"
    variables = {
        "CRM_MODE": "demo",
        "CRM_DATA": str(data),
        "SECRET_KEY": environment.secret_key(file),
        **environment.sealing_keys(file),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    servers: dict[str, Server] = {}
    processes: list[Process] = []

    if given := os.environ.get("DATABASE_URL"):
        variables["DATABASE_URL"] = given
    else:
        postgres = LocalPostgres(data / "postgres")
        servers["postgres"] = postgres
        variables["DATABASE_URL"] = postgres.url

    if given := os.environ.get("CELERY_BROKER_URL"):
        variables["CELERY_BROKER_URL"] = given
    else:
        broker = LocalBroker(data / "broker")
        broker.prepare()
        variables["CELERY_BROKER_URL"] = broker.url
        processes.append(Process("broker", broker.command(), ready=broker.answers, foundation=True))

    if given := os.environ.get("EMAIL_URL"):
        variables["EMAIL_URL"] = given
    else:
        mail_port = environment.first_free_port(FIRST_MAIL_PORT)
        mailbox = str(data / "mailbox")
        variables |= {
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "CRM_MAILBOX": mailbox,
        }
        catch = (
            "config.local.mail_catcher",
            "--port",
            str(mail_port),
            "--mailbox",
            mailbox,
        )
        processes.append(Process("mail", [PYTHON, "-m", *catch], ready=lambda: listens(mail_port)))

    environment.write(file, variables)
    processes += [
        Process("load_demo", [PYTHON, "manage.py", "load_demo"], once=True),
        *product(port),
    ]
    for name in [name for name in os.environ if name.startswith("PG")]:
        if servers:
            del os.environ[name]  # meant for another PostgreSQL than ours
    if os.geteuid() == 0:  # Celery warns of what its message format makes harmless here
        as_root = "ignore:You're running the worker with superuser privileges"
        os.environ.setdefault("PYTHONWARNINGS", as_root)
    extra = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        MARK: str(data),
    }
    return Supervisor(processes, servers=servers, environment=variables | extra)


def product(port: int) -> list[Process]:
    """The product's own processes, as they also run on real servers (`compose.yaml`)."""
    granian = [
        PYTHON,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "config.wsgi:application",
    ]
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    celery = [PYTHON, "-m", "celery", "-A", "config"]
    work = ["-Q", QUEUES, "-c", "2", "--prefetch-multiplier", "1", "-n", "local@%h"]
    quiet = ["--loglevel", "WARNING"]
    return [
        Process(
            "web",
            [*granian, *listen, "--no-ws", "--workers", "1", "--blocking-threads", "2"],
            ready=lambda: page_answers(port),
            when_ready=lambda: welcome.block(f"http://127.0.0.1:{port}"),
        ),
        Process("worker", [*celery, "-q", "worker", *work, *quiet]),
        Process("beat", [*celery, "-q", "beat", "-S", "celery.beat:Scheduler", *quiet]),
        Process("stand-by", [PYTHON, "manage.py", "run_due", "--loop", "--when-silent"]),
    ]


def main() -> int:
    """Run the demo until Ctrl-C; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    data = environment.data_folder()
    try:
        port = environment.web_port()
        note = f"Open http://127.0.0.1:{port}/ or stop it with Ctrl-C in its terminal."
        with only_one(data / "demo.lock", what="The demo", note=note):
            os.chdir(environment.ROOT)
            end_what_was_left(data)
            if not environment.is_free(port):
                raise CannotRunHere(
                    f"Port {port} is used by another program. "
                    f"Choose another one: make demo PORT={environment.first_free_port(port + 1)}"
                )
            return plan(data, port).run()
    except CannotRunHere as reason:
        print(f"\n{reason}\n", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
