#!/bin/sh
# Create .venv with a Python that is new enough, or say what is missing and how to get it. A working environment is
# kept; an unfinished one (see devtools/install.py) is recreated.
# PYTHON names the Python to use; the default is python3, or else the newest pythonX.Y.
set -eu

fail() {
  printf '\n%s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

works() {
  new_enough .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null && [ ! -e .venv/.unfinished ]
}

if works; then exit 0; fi

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if new_enough "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  wanted=${PYTHON:-python3}
  if version=$("$wanted" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null); then
    problem="$wanted is Python $version, and the Books API needs Python 3.11 or newer."
  elif command -v "$wanted" >/dev/null 2>&1; then
    problem="$wanted does not run, and the Books API needs Python 3.11 or newer. Its output: $("$wanted" -V 2>&1 | head -n 3)"
  else
    problem="$wanted was not found, and the Books API needs Python 3.11 or newer."
  fi
  fail "$problem" \
    "Debian, Ubuntu:  sudo apt install python3 python3-venv" \
    "Fedora:          sudo dnf install python3" \
    "macOS:           brew install python" \
    "Anywhere:        https://www.python.org/downloads/" \
    "If you have another Python, name it:  make run PYTHON=/path/to/python3.12"
fi

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
  fail "Python $version ($python) lacks the module venv or ensurepip, which create the environment for the packages." \
    "Debian, Ubuntu:  sudo apt install python$version-venv   (or python3-venv)" \
    "Elsewhere: install a complete Python from https://www.python.org/downloads/, or name another:" \
    "make run PYTHON=/path/to/python3.12"
fi

echo "Creating an environment for the packages in .venv, with Python $version."
if ! said=$("$python" -m venv --clear --without-pip .venv 2>&1 && .venv/bin/python devtools/unpack_pip.py 2>&1); then
  case $said in
    *"Permission denied"* | *"Read-only file system"*)
      fail "$(pwd)/.venv is not writable. Is the folder yours, and the disk not mounted read-only?" "$said" ;;
    *"No space left"* | *"Disk quota exceeded"*)
      fail "The disk is full. Serving needs some 300 MB in $(pwd), testing 1 GB." "$said" ;;
    *) fail "The environment .venv cannot be created with $python. Its output:" "$said" ;;
  esac
fi
