"""`compose.yaml` describes the processes of real servers; nobody runs it here, so it is read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "compose.yaml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)


def command(name: str) -> list[str]:
    return list(SERVICES[name].get("command", []))


def running(program: str, *more: str) -> list[str]:
    return [name for name in SERVICES if {program, *more} <= set(command(name))]


def option(name: str, flag: str) -> str:
    words = command(name)
    return words[words.index(flag) + 1]


def test_every_process_of_the_product_is_there() -> None:
    assert {"postgres", "redis", "install", "migrate", "web"} <= SERVICES.keys()
    assert running("granian") == ["web"]


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_one_of_each_background_process_may_die(kind: str) -> None:
    assert len(running("celery", kind)) == 2


def test_the_workers_serve_every_queue_and_no_other() -> None:
    from config.celery import QUEUES

    served = {
        queue for name in running("celery", "worker") for queue in option(name, "-Q").split(",")
    }
    assert served == set(QUEUES)


def test_one_worker_may_die_and_the_tick_goes_on() -> None:
    assert all("tick" in option(name, "-Q").split(",") for name in running("celery", "worker"))


def test_the_commands_name_what_exists() -> None:
    for name in running("celery"):
        assert option(name, "-A") == "config"
    assert "config.wsgi:application" in command("web")
    assert (ROOT / "config" / "wsgi.py").exists()
    assert "--require-hashes -r requirements.txt" in command("install")[-1]
    assert (ROOT / "requirements.txt").exists()


def test_every_variable_is_explained() -> None:
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == EXAMPLE.keys()


def test_no_secret_is_written_down() -> None:
    secret = re.compile(r"PASSWORD|SECRET|_URL$|TOKEN|_KEY")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert re.fullmatch(r"\$\{\w+:\?\}", value), f"{name}: {variable}"
    assert EXAMPLE["SEALING_KEYS"] == EXAMPLE["BLIND_INDEX_KEY"] == ""
    assert EXAMPLE["SECRET_KEY"] == EXAMPLE["POSTGRES_PASSWORD"] == ""
    assert not re.search(r"://[^\s/]*:[^\s/]*@", TEXT)


def test_what_stands_by_waits_for_no_broker() -> None:
    (name,) = running("manage.py", "run_due")
    assert {"--loop", "--when-silent"} <= set(command(name))
    assert SERVICES[name]["depends_on"].keys() == {"migrate", "postgres"}
    assert SERVICES[name]["restart"] == "unless-stopped", "a message that hangs ends it"


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker-prompt", "worker-long"])
def test_servers_say_whether_they_are_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_the_product_waits_for_the_migrations_and_they_for_the_packages() -> None:
    done = "service_completed_successfully"
    for name in ["web", *running("celery")]:
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == done
    assert SERVICES["migrate"]["depends_on"]["install"]["condition"] == done


def test_the_code_is_mounted_so_that_nobody_can_change_it() -> None:
    for name in ["install", "migrate", "web", "stand-by", *running("celery")]:
        assert ".:/app:ro" in SERVICES[name]["volumes"]


def test_the_broker_forgets_nothing() -> None:
    assert option("redis", "--appendonly") == "yes"
    assert option("redis", "--maxmemory-policy") == "noeviction"
