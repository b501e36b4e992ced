"""`install.sh` finds a Python that works, says what it tried, and does nothing twice."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent.parent / "config" / "local"
COREUTILS = ("bash", "cat", "chmod", "cp", "mkdir", "rm")

# Stands in for Python, so that no package index is needed: it notes what it is asked.
GOOD_PYTHON = """#!/usr/bin/env bash
case "$*" in
  -c*) echo ok ;;
  -) cat >/dev/null; cat requirements.txt ;;
  "-m venv "*) echo "$@" >>asked; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *) echo "$@" >>asked ;;
esac
"""


class Clone:
    """A copy of the project that holds the installer only, and a PATH that holds little."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in COREUTILS:
            (self.programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
        (folder / "config" / "local").mkdir(parents=True)
        for name in ("install.sh", "uv.txt"):
            shutil.copy(SOURCE / name, folder / "config" / "local")
        (folder / "requirements.txt").write_text("one")
        (folder / "requirements-dev.txt").write_text("two")

    def has(self, name: str, text: str) -> None:
        program = self.programs / name
        program.write_text(text.replace("/usr/bin/env bash", str(self.programs / "bash")))
        program.chmod(0o755)

    def install(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs / "bash"), "config/local/install.sh", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.programs), "PYENV_ROOT": "/nonexistent", **variables},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def asked(self) -> list[str]:
        """What Python was asked since the last look."""
        notes = self.folder / "asked"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return lines


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_without_python_it_names_all_it_tried(clone: Clone) -> None:
    done = clone.install()
    assert done.returncode == 1
    assert "The product needs Python 3.12 or 3.13." in done.stderr
    for tried in (
        "python3.13 (not found)",
        "python3.12 (not found)",
        "/nonexistent/versions/3.13",
    ):
        assert tried in done.stderr
    assert not (clone.folder / ".venv").exists()


def test_a_shim_that_fails_and_an_old_python_do_not_count(clone: Clone) -> None:
    clone.has("python3.13", "#!/usr/bin/env bash\nexit 127\n")
    clone.has("python3", "#!/usr/bin/env bash\necho is 3.9\n")
    done = clone.install()
    assert done.returncode == 1
    assert "python3.13 (does not run)" in done.stderr
    assert "python3 (is 3.9)" in done.stderr


def test_a_python_without_venv_gets_the_hint(clone: Clone) -> None:
    clone.has("python3", "#!/usr/bin/env bash\necho is 3.12 without venv\n")
    done = clone.install()
    assert done.returncode == 1
    assert "apt install python3.12-venv" in done.stderr


def test_a_named_python_is_used_or_refused_alone(clone: Clone) -> None:
    clone.has("python3", GOOD_PYTHON)
    done = clone.install(PYTHON="/opt/none/python")
    assert done.returncode == 1
    assert "Tried: /opt/none/python (not found)." in done.stderr


def test_a_second_run_has_nothing_to_do(clone: Clone) -> None:
    clone.has("python3.12", GOOD_PYTHON)
    assert clone.install("dev").returncode == 0
    assert clone.asked()[0] == "-m venv .venv"
    for again in (
        clone.install("dev"),
        clone.install(),
    ):  # the tests' packages include the product's
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert clone.asked() == []


def test_the_packages_of_the_tests_are_added_to_those_of_the_product(
    clone: Clone,
) -> None:
    clone.has("python3.12", GOOD_PYTHON)
    clone.install()
    clone.asked()
    clone.install("dev")
    asked = clone.asked()
    assert asked[-1] == "-m pip install --quiet --require-hashes -r requirements-dev.txt"
    assert "-m venv .venv" not in asked


def test_a_changed_lock_file_is_installed_into_the_same_place(clone: Clone) -> None:
    clone.has("python3.12", GOOD_PYTHON)
    clone.install()
    clone.asked()
    (clone.folder / "requirements.txt").write_text("three")
    clone.install()
    asked = clone.asked()
    assert asked[-1] == "-m pip install --quiet --require-hashes -r requirements.txt"
    assert "-m venv .venv" not in asked


def test_what_an_interrupted_run_left_is_made_anew(clone: Clone) -> None:
    clone.has("python3.12", GOOD_PYTHON)
    clone.install()
    clone.asked()
    (clone.folder / ".venv" / "unfinished").touch()
    (clone.folder / ".venv" / "half a package").touch()
    assert clone.install().returncode == 0
    assert clone.asked()[0] == "-m venv .venv"
    assert not (clone.folder / ".venv" / "half a package").exists()
