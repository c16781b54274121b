# Littoral's everyday commands. `make` alone lists them; each sees to its own set-up.

# More arguments for the server of `make run`, such as ARGS='--http 127.0.0.1:9000'.
ARGS =
# For `make test`: the part of a test's name to run, such as TEST=deploy.
TEST =
# For `make fuzz`: how long each target runs.
FUZZ_SECONDS = 60
# For `make soak`: how many random histories of a site each property test makes up.
CASES = 5000
# For `make bench`: what to measure, such as BENCH='large --rounds 1'; see benches/run --help.
BENCH =
# For `make deploy`: the POPs, the folder to send, and the folder to fill on each POP.
POPS =
SITE = .
DEST =

.DEFAULT_GOAL := help
.PHONY: help run test check lint fmt clippy doc tree deny fuzz soak bench deploy

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; \
	done

# The development profile builds soonest, and its dependencies are optimised: fast enough to read by.
run: ## Serve the manual on http://127.0.0.1:8080 and https://127.0.0.1:8443
	@packaging/setup run
	cargo run --locked -- serve . --site-config packaging/manual.toml $(ARGS)

test: ## Run every test, or those with TEST=word in their name
	@packaging/setup test
	cargo test --locked --no-fail-fast --tests $(TEST)

check: ## All that must be good before a commit is given away: lint, test, deny
	@packaging/setup check
	@$(MAKE) --no-print-directory lint test deny

lint: fmt clippy doc tree ## The quick half of check: fmt, clippy, doc, and the tree of dependencies

fmt:
	cargo fmt --check

clippy:
	cargo clippy --locked --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items

# A second TLS backend would make rustls panic when it starts: there is aws-lc-rs and nothing else, wherever a POP runs.
TARGETS = x86_64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-gnu aarch64-unknown-linux-musl
tree:
	@for crate in ring openssl openssl-sys native-tls; do \
		found=$$(cargo tree --locked $(TARGETS:%=--target %) --edges all --invert $$crate 2>/dev/null) || continue; \
		[ -z "$$found" ] || { echo "tree: $$crate must not be in the tree, and is:"; echo "$$found"; exit 1; }; \
	done
	@echo 'tree: one TLS backend'
	@packaging/licences

# cargo-deny takes minutes to build, so it is used where it is and not asked for where it is not.
deny:
	@if cargo deny --version >/dev/null 2>&1; then \
		cargo deny --locked check bans licenses sources; \
	else \
		echo 'deny: cargo-deny is not installed, so only tree was checked; to have it: cargo install --locked cargo-deny'; \
	fi

fuzz: ## Look for texts that break what reads texts, FUZZ_SECONDS=60 for each of ten targets
	@packaging/setup fuzz
	@packaging/fuzz run
fuzz: export FUZZ_SECONDS := $(FUZZ_SECONDS)

# The development profile has the checks of overflow and of assertions that a release leaves out.
soak: ## Edit random sites in CASES=5000 random ways: what is kept must never show
	@packaging/setup run
	cargo test --locked --lib -- $(PROPERTIES)
soak: export LITTORAL_CASES := $(CASES)
# What is rendered again is as if from nothing; what is read again, too.
PROPERTIES = what_is_rendered_again_is_as_if_it_were_rendered_from_nothing a_memory_makes_no_difference

bench: ## Measure what building, starting, changing and answering cost (benches/run --help)
	@packaging/setup bench
	cargo build --locked --release
	benches/run $(BENCH)

deploy: ## Send the site to every host in POPS="a b c" at once (SITE=DIR, DEST=DIR)
	@packaging/deploy $(POPS)
deploy: export SITE := $(SITE)
deploy: export DEST := $(DEST)
