#!/usr/bin/env bash
# Makes .venv with exactly the packages of the lock file: `install.sh` what the product needs,
# `install.sh dev` what its tests need as well. A second run has nothing to do and says nothing.
set -euo pipefail

here=${BASH_SOURCE[0]%/*}
[ "$here" = "${BASH_SOURCE[0]}" ] && here=.
cd "$here/../.."

purpose=${1:-product}
case $purpose in
  product) lock_file=requirements.txt ;;
  dev) lock_file=requirements-dev.txt ;;
  *) echo "install.sh takes no argument, or dev." >&2; exit 2 ;;
esac

venv=.venv
python=$venv/bin/python
unfinished=$venv/unfinished   # there while an installation is under way: an interrupted one is not trusted
tried=()
lacks_venv=

# What the venv was made from; empty if it cannot be trusted.
fingerprint() {
  [ -x "$python" ] && [ ! -e "$unfinished" ] || return 0
  "$python" - 2>/dev/null <<'PYTHON' || true
import hashlib, pathlib, sys
if (3, 12) <= sys.version_info < (3, 14):
    names = ("requirements.txt", "requirements-dev.txt", "config/local/uv.txt")
    print(hashlib.sha256(b"\0".join(pathlib.Path(name).read_bytes() for name in names)).hexdigest())
PYTHON
}

installed() {
  [ -n "$1" ] || return 1
  [ "$(cat "$venv/installed-dev" 2>/dev/null || true)" = "$1" ] && return 0
  [ "$purpose" = product ] && [ "$(cat "$venv/installed-product" 2>/dev/null || true)" = "$1" ]
}

# A candidate counts only if it runs (a pyenv shim may exist and fail) and can make a venv.
usable() {
  local said
  if ! command -v "$1" >/dev/null 2>&1; then
    tried+=("$1 (not found)")
    return 1
  fi
  said=$("$1" -c '
import sys
version = "%d.%d" % sys.version_info[:2]
if not (3, 12) <= sys.version_info[:2] < (3, 14):
    print("is " + version)
else:
    try:
        import ensurepip, venv
        print("ok")
    except ImportError:
        print("is " + version + " without venv")
' 2>/dev/null) || said="does not run"
  [ "$said" = ok ] && return 0
  case $said in *"without venv") lacks_venv=${said#is }; lacks_venv=${lacks_venv%% *} ;; esac
  tried+=("$1 ($said)")
  return 1
}

find_python() {
  local candidate versions
  if [ -n "${PYTHON:-}" ]; then
    usable "$PYTHON" && found=$PYTHON && return 0
    return 1
  fi
  versions=${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}/versions
  for candidate in python3.13 python3.12 python3 \
    "$versions"/3.13*/bin/python "$versions"/3.12*/bin/python; do
    case $candidate in *\**) tried+=("$candidate (not found)"); continue ;; esac
    usable "$candidate" && found=$candidate && return 0
  done
  return 1
}

refuse() {
  {
    echo
    echo "No Python that can be used was found. The product needs Python 3.12 or 3.13."
    local all
    all=$(printf '%s, ' "${tried[@]}")
    echo "Tried: ${all%, }."
    if [ -n "$lacks_venv" ]; then
      echo "Python $lacks_venv is here but cannot make a virtual environment." \
        "On Debian and Ubuntu: apt install python$lacks_venv-venv (or python3-venv)"
    fi
    echo "Install one, or name it: make demo PYTHON=/path/to/python3.12"
    echo
  } >&2
  exit 1
}

installed "$(fingerprint)" && exit 0

# Two starts at once: the second waits and then finds everything done.
mkdir -p -m 711 .data
if command -v flock >/dev/null 2>&1; then
  exec 9>>.data/install.lock
  flock 9
fi
current=$(fingerprint)
installed "$current" && exit 0

if [ -z "$current" ]; then
  found=
  find_python || refuse
  echo "Making $venv with $found"
  rm -rf "$venv"
  mkdir "$venv"
  : >"$unfinished"
  "$found" -m venv "$venv"
fi
: >"$unfinished"

export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1
echo "Installing the packages of $lock_file (once, up to a minute)"
if [ ! -x "$venv/bin/uv" ] ||
  [ "$(cat "$venv/installed-uv" 2>/dev/null || true)" != "$(cat config/local/uv.txt)" ]; then
  # No uv for this platform is no reason to stop: pip reads the same lock file, only slower.
  if "$python" -m pip install --quiet --require-hashes -r config/local/uv.txt; then
    cp config/local/uv.txt "$venv/installed-uv"
  fi
fi
if ! { [ -x "$venv/bin/uv" ] &&
  "$venv/bin/uv" pip install --quiet --python "$python" --require-hashes -r "$lock_file"; }; then
  echo "uv could not install them; pip tries (it may be configured for a package index of your own)"
  "$python" -m pip install --quiet --require-hashes -r "$lock_file"
fi

rm -f "$venv"/installed-product "$venv"/installed-dev "$unfinished"
fingerprint >"$venv/installed-$purpose"
