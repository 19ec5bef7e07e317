# One front door. Each target is a script in scripts/; `make test ONLY="rust python"` runs some stages alone.

export CARGO_TARGET_DIR ?= $(CURDIR)/target
# A folder of cases to run through every front end; ours when unset. See ar-core/cases/README.md.
export AR_CASES_DIR ?= $(CURDIR)/ar-core/cases
ONLY ?= rust oracle python node kotlin ruby deny

.PHONY: help setup test cases bench bench-prediction deep
help:   ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
setup:  ## install what the stages need and the machine lacks (root on Debian), or say what to type
	@scripts/setup.sh $(ONLY)
test: setup ## lint and test every front end
	@scripts/run.sh test $(ONLY)
cases: setup ## run the case suite, or AR_CASES_DIR, through every front end
	@scripts/run.sh cases $(filter-out deny,$(ONLY))
bench: setup ## measure us beside Polars and DuckDB on the same data
	@benches/run.sh
bench-prediction: ## payment dates beside LightGBM on real invoices; WINDOW=2019-07-01:61, LEDGER=ibm-ar, AR_DATA_DIR
	@benches/prediction/run.sh
deep: setup ## what takes longer: properties, a million random ledgers, mutants
	@scripts/deep.sh
