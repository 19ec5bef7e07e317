#!/usr/bin/env bash
# Installs the Debian packages that the named stages need and the machine lacks. Without root it says what to type.
source "$(dirname "$0")/lib.sh"

missing=()
need() { [[ " ${missing[*]} " == *" $1 "* ]] || missing+=("$1"); }
for stage in "$@"; do
  case "$stage" in
    python | deny | oracle)
      has python3 || need python3
      python3 -c 'import venv, ensurepip' 2>/dev/null || need python3-venv ;;
    node) has node || need nodejs; has npm || need npm ;;
    kotlin)
      has java || need default-jre-headless
      has npm || need npm
      jna_jar >/dev/null || need libjna-java ;;
    ruby) ruby_ready || { need ruby; need ruby-ffi; need ruby-minitest; } ;;
  esac
done
has cc || need gcc

if [ ${#missing[@]} -gt 0 ]; then
  if ! has apt-get; then
    loud "missing, and no apt-get to install it with: ${missing[*]}"
  elif [ "$(id -u)" = 0 ]; then
    echo "setup: apt-get install ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
      loud "apt-get failed: the stages that need ${missing[*]} will be skipped"
  else
    loud "missing: type  sudo apt-get install ${missing[*]}"
  fi
fi
