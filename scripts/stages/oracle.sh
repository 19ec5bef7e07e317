#!/usr/bin/env bash
# The slow and plain second opinion, written from the specification: it has cases and nothing else.
source "$(dirname "$0")/../lib.sh"
cases_by ar-core/oracle/run_cases.py python3 "$root/ar-core/oracle/run_cases.py"
