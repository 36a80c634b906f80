# `make` sets up what is missing and builds the exam, `make test` checks everything; `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := all
.PHONY: test-hall all build reference check preview bench seal thaw events bind reprint proof approve print-shop rehearse desk bench-desk export keys-bundle init test test-players lint format lock clean help setup tex python browser

# What the commands work on. make JOBS= uses all cores.
EXAM   = bank/exam.yaml
ROSTER = bank/roster.csv
OUT    = output
JOBS   =
ARGS   =

# Debian's packages, and a file of each by which to see that it is there (generator/typeset/toolchain.py knows them too).
TEX_PACKAGES  = texlive-latex-base texlive-latex-recommended texlive-pictures \
                texlive-fonts-recommended texlive-latex-extra lmodern
TEX_FILES     = article.cls booktabs.sty tikz.sty ptmr8t.tfm enumitem.sty lmodern.sty
OFFICE_PACKAGES = libpangocairo-1.0-0 fonts-noto-core fonts-noto-mono fonts-droid-fallback \
                  fonts-nanum
OFFICE_FONTS  = "Noto Sans" "Noto Sans Mono" "Droid Sans Fallback" "NanumGothic"
TEST_PACKAGES = poppler-utils qpdf
TEST_PROGRAMS = pdftotext qpdf
BROWSER_PACKAGES = chromium
PDFA_PACKAGES = default-jre-headless libpdfbox2-java libactivation-java libjaxb-api-java
APT_GET       = apt-get

PY  = .venv/bin/python
RUN = @$(PY) -m generator
ON  = --exam "$(EXAM)" --roster "$(ROSTER)" --out "$(OUT)" $(if $(JOBS),--jobs "$(JOBS)") $(ARGS)

# The interpreter that is there is the one to use.
export UV_PYTHON_DOWNLOADS := never

all: build

build reference check preview bench seal events: setup
	$(RUN) $@ $(ON)

# make exports what is set on its command line: a reason may hold quotes.
thaw: setup
	$(RUN) $@ $(ON) --reason "$$REASON"
proof approve print-shop rehearse: setup
	$(RUN) $@ $(ON)

bind: setup
	$(RUN) bind $(ON) --copy "$(COPY)" --sticker "$(STICKER)" --seat "$(SEAT)"
reprint: setup
	$(RUN) reprint $(ON) --copy "$(COPY)" --reason "$$REASON"

# Keys to take along, in an encrypted archive: make keys-bundle FOR=Ada
keys-bundle: setup
	$(RUN) $@ $(ON) --for "$$FOR"

# A hundred correctors at a copy of the batch's ledger; the marks stay as they are.
bench-desk: setup
	$(RUN) $@ $(ON)

# For correctors; ARGS=--help says how to reach it from elsewhere.
desk: setup
	$(RUN) $@ --exam "$(EXAM)" --out "$(OUT)" $(ARGS)

# Drawn questions for another system: make export SYSTEM=moodle ARGS="--count 20"
SYSTEM = moodle
export: setup
	$(RUN) $@ "$(SYSTEM)" --exam "$(EXAM)" --out "$(OUT)" $(ARGS)

# A small exam of one's own in a new folder: make init FOLDER=my-exam
FOLDER = my-exam
init: setup
	$(RUN) init "$(FOLDER)"

# What is misspelt.
.DEFAULT:
	@echo "make has no command '$@'; make help lists them" >&2; exit 2

test: browser lint
	@echo "tests: pytest"
	@# Neighbors stay in one process as far as can be: what the tests of a file share is made once.
	@$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

# Exported items are answered in a QTI player that others wrote, and Moodle XML is read by a reader of others; npm and pip fetch them.
PLAYER = @citolab/qti-components@7.27.4
READER = moodle-xml-parser==0.3.1
test-players: setup browser
	@folder=$$(mktemp -d) && cd "$$folder" && npm pack --silent "$(PLAYER)" >/dev/null && tar xzf *.tgz && cd - >/dev/null && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target "$$folder/reader" "$(READER)" && \
	  PYTHONPATH="$$folder/reader" QTI_PLAYER="$$folder/package/cdn/index.global.js" $(PY) -m pytest tests/test_exchange.py -k player; \
	  status=$$?; rm -rf "$$folder"; exit $$status

# An exam of 600 students in three rooms, from the roster to the reprints: ten minutes. Its print runs are also
# checked by a validator of PDF/A that others wrote (in Java).
test-hall: setup
	@test -e /usr/share/java/preflight.jar -a -e /usr/share/java/jaxb-api.jar || { \
	  echo "set-up: installing a validator of PDF/A: $(PDFA_PACKAGES)" >&2; \
	  $(call apt,$(PDFA_PACKAGES)); }
	@HALL=600 $(PY) -m pytest -n 0 tests/test_hall.py $(ARGS)

lint: setup
	@echo "format and lint: ruff"
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@echo "types: mypy --strict"
	@$(PY) -m mypy --strict generator

format: setup
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

# Renews requirements.txt from pyproject.toml, for every supported Python and system; needs uv.
# LOCK=--upgrade takes the newest of everything.
LOCK =
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)" >&2; exit 1; }
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" $(LOCK) --quiet --output-file requirements.txt

# Caches and unfinished work only: what was released, the secret and the ledger stay, and so does a
# release that was interrupted, which the next build completes.
clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@# A build holds the lock of its folder, and works with what is in .cache.
	@used=; for work in "$(OUT)"/.work/* "$(OUT)"/.work/.cache; do \
	  if [ -e "$$work/staging/READY" ] || [ ! -e "$$work" ]; then continue; fi; \
	  if [ "$${work##*/}" = .cache ] && [ -n "$$used" ]; then continue; fi; \
	  if [ ! -e "$$work/lock" ] || ! command -v flock >/dev/null; then rm -rf "$$work"; \
	  elif ! flock --nonblock "$$work/lock" rm -rf "$$work"; then \
	    used=yes; echo "$$work is in use by a running command and stays" >&2; fi; \
	done
	[ ! -d "$(OUT)/.work" ] || rmdir --ignore-fail-on-non-empty "$(OUT)/.work"
	find . -name __pycache__ -type d -not -path "./.venv/*" -prune -exec rm -rf {} +

help:
	@echo "make             set up what is missing, then build the exam: papers, keys, lists"
	@echo "make test        set up what is missing, then lint, types and all tests"
	@echo "make test-hall   an exam of 600 students in three rooms, built and read back (ten minutes)"
	@echo "make check       check the bank and the roster, make nothing"
	@echo "make preview     see what a problem looks like"
	@echo "make reference   the reference copy as paper and key"
	@echo "make bench       measure a build"
	@echo "make seal        say that the papers are with the printer: no build may change one any more"
	@echo "make thaw REASON='...'   take the seal back;  make events  lists what happened"
	@echo "make proof       one set marked PROOF;  make approve  says that it was looked at"
	@echo "make rehearse    damages pictures of finished pages and identifies them"
	@echo "make print-shop  packs what the print shop gets (ARGS=--encrypted asks for a passphrase)"
	@echo "make bind COPY=E0023 STICKER=7K3M-9QX4   give a spare copy to a student (SEAT=B7); STICKER=none takes it back"
	@echo "make reprint COPY=E0012 REASON='...'   a paper once more, as E0012.1; the one before is void"
	@echo "make desk        opens the key desk for correctors; $(PY) -m generator desk --help says how to let them in"
	@echo "make keys-bundle FOR=Ada   keys to take along, as encrypted pages for a browser"
	@echo "make bench-desk  measures the key desk with a hundred correctors at once"
	@echo "make init        a small exam of your own in a new folder: FOLDER=my-exam"
	@echo "make lint        format, lint and types only;  make format  puts the format right"
	@echo "make lock        renew requirements.txt from pyproject.toml (needs uv)"
	@echo "make clean       remove caches and unfinished work, never a released exam"
	@echo "Variables: EXAM=$(EXAM) ROSTER=$(ROSTER) OUT=$(OUT) JOBS=(all cores)"
	@echo "           ARGS=(further options of the command; see $(PY) -m generator COMMAND --help)"

# --- set-up -----------------------------------------------------------------------------------
# One test says whether all is there: the environment was made from this very lock file, and TeX was seen.
setup:
	@cmp -s requirements.txt .venv/.made-from && test -e .venv/.tex-seen && test -x $(PY) \
	  && command -v pdflatex >/dev/null || $(MAKE) --no-print-directory tex python

# $(call apt,PACKAGES) installs them, and tries a second time; package lists of a fresh machine are empty.
define apt
command -v $(APT_GET) >/dev/null || { echo "$(APT_GET) is not here: install the like of: $(1)" >&2; exit 1; }; \
sudo=; test "$$(id -u)" = 0 || sudo=sudo; \
test -z "$$sudo" || command -v sudo >/dev/null || { \
  echo "sudo is not here; as root: $(APT_GET) install --no-install-recommends $(1)" >&2; exit 1; }; \
apt_install() { \
  $$sudo $(APT_GET) -q -o DPkg::Lock::Timeout=300 update && \
  $$sudo env DEBIAN_FRONTEND=noninteractive $(APT_GET) -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $(1); \
}; \
apt_install </dev/null >&2 || { \
  echo "set-up: $(APT_GET) failed, once more in 5 seconds" >&2; sleep 5; apt_install </dev/null >&2; }
endef

tex:
	@seen=yes; for program in pdflatex kpsewhich $(TEST_PROGRAMS); do \
	  command -v "$$program" >/dev/null || seen=; \
	done; \
	command -v fc-list >/dev/null || seen=; \
	/sbin/ldconfig -p | grep -q libpangocairo-1.0 || seen=; \
	for font in $(OFFICE_FONTS); do fc-list : family 2>/dev/null | grep -q "^$$font" || seen=; done; \
	test -z "$$seen" || ! kpsewhich $(TEX_FILES) >/dev/null || exit 0; \
	echo "set-up: installing TeX, fonts and tools for PDF (350 MB, once): $(TEX_PACKAGES) $(OFFICE_PACKAGES) $(TEST_PACKAGES)" >&2; \
	$(call apt,$(TEX_PACKAGES) $(OFFICE_PACKAGES) $(TEST_PACKAGES))

# The tests of the key desk look at it with a browser; nothing else needs one.
browser: setup
	@command -v chromium >/dev/null || { \
	  echo "set-up: installing a browser for the tests of the desk: $(BROWSER_PACKAGES)" >&2; \
	  $(call apt,$(BROWSER_PACKAGES)); }

# With uv where there is one, else with venv and pip; the same lock, the same hashes.
python: tex
	@set -e; \
	if cmp -s requirements.txt .venv/.made-from && test -x $(PY); then touch .venv/.tex-seen; exit 0; fi; \
	python_here() { for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; return; }; \
	done; return 0; }; \
	python=$$(python_here); \
	if test -z "$$python" || { ! command -v uv >/dev/null && ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; }; then \
	  echo "set-up: installing Python with venv: python3 python3-venv" >&2; \
	  { $(call apt,python3 python3-venv); }; \
	  python=$$(python_here); \
	fi; \
	test -n "$$python" || { echo "Python 3.11 or newer is needed (Debian 12, Ubuntu 24.04 or newer have it)" >&2; exit 1; }; \
	rm -rf .venv; \
	if command -v uv >/dev/null; then \
	  echo "set-up: the Python environment .venv from requirements.txt, with uv" >&2; \
	  uv venv --quiet --python "$$python" .venv; \
	  uv pip sync --quiet --compile-bytecode --python $(PY) --require-hashes requirements.txt; \
	else \
	  echo "set-up: the Python environment .venv from requirements.txt, with pip" >&2; \
	  "$$python" -m venv .venv; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt >&2; \
	fi; \
	touch .venv/.tex-seen; cp requirements.txt .venv/.made-from
